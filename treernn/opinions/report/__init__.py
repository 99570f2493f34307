"""The summary for people: a page, Markdown, and values for JSON."""
