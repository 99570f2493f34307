"""Components for other NLP libraries; each module imports its library."""
