"""The tasks that stand on the engine."""
