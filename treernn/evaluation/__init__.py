"""Evaluation of models: accuracy, calibration and analyses. Computes values; prints nothing."""
