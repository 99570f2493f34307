"""Trees, tables and pictures for people."""
