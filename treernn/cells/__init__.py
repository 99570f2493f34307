"""Shared weights and merge rules."""
