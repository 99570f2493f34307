"""How fast it is, beside other libraries."""
