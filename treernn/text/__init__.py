"""Raw text to sentences of tokens, each with its place in the original text."""
