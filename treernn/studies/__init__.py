"""Benchmarks, comparisons and the published tables."""
