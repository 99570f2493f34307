"""The training loop: steps, epochs, checkpoints, several processes; what a task must define."""
