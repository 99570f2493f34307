"""Pretrained encoders: vectors for words in their sentence, and what of an encoder learns."""
