"""The names of the files in the folder of a model."""

from __future__ import annotations

CONFIG, VOCABULARY, WEIGHTS = FILES = "config.json", "vocabulary.txt", "model.safetensors"

LEXICON = "lexicon.json"
"""The file in the folder of a sentiment model with words of the user's own, if there are some."""

TARGETS = "targets"
"""The folder in it of what knows the sentiment toward targets, if there is one."""
