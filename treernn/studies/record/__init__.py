"""What is measured at every commit: right answers, which may not get fewer, and speeds."""
