"""Data to train on: readers, sources, and corpora of any size in Arrow files."""
