"""Directed acyclic structures, batched and compiled into plans."""
