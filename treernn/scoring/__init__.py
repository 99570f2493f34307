"""Raw text to sentiment at every phrase."""
