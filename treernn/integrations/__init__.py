"""Other libraries' pipelines and tables, scored in their own terms.

Each module needs its library, and is imported only by who uses that.
"""
