"""Readers of data sets and of one's own data, a module for each; they return plain values.

>>> from treernn.corpora import digits
>>> digits.rows("test", 1)[0].captions
('seven',)

A new corpus is a new module. If it has a ``treernn.corpora.locations.DataSet`` called ``DATA``,
``treernn info`` shows where its files are.
"""
