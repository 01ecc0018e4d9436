"""Data sets that are drawn, not fetched: published mechanisms, one module each."""
