"""Readers of corpora and word vectors; plain values out."""
