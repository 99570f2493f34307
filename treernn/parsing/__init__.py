"""Parsers: words to trees."""
