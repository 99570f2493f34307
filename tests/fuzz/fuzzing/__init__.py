"""Hostile inputs, made by code from seeds: each ends in a result or in an error of treernn.

``make fuzz`` runs millions, ``tests/fuzz/test_fuzz.py`` some thousands. An input is a *case*: files
by name, with an ``options`` file where the target has options. Case ``n`` of a target is the same
on every machine, and a case that fails is kept as a folder that can be run again.
"""
