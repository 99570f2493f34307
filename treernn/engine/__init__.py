"""Levels: merging states up the graph, by two backends."""
