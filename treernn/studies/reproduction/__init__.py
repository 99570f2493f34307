"""The published results on the Stanford Sentiment Treebank, reproduced: rows, runs, report."""
