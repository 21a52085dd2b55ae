"""Shapes of the staff API."""
