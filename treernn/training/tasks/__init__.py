"""A task and its settings for each kind of model."""
