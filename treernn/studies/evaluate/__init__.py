"""How accurate a model is on data with labels, a file for each kind of data."""
