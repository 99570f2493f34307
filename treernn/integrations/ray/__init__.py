"""Scoring on the machines of a Ray cluster."""

from treernn.integrations.ray.dataset import score_dataset

__all__ = ["score_dataset"]
