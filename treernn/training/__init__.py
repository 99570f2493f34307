"""Fitting and evaluating models."""
