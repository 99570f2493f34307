"""A lexicon of one's own: words and phrases whose sentiment the user gives."""
