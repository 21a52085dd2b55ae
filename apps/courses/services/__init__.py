"""Use cases of courses: each one transaction."""
