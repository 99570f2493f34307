"""The published tables of the Stanford Sentiment Treebank, rebuilt: rows, runs, report."""
