"""Bringing every organization's schema to a new release, and seeing that it is there."""
