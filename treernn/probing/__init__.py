"""What a sentiment model understands: the analyses of Socher et al. (2013), and calibration."""
