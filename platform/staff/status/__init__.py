"""The public status page: what checks find, and what staff write about it."""
