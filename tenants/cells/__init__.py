"""Cells: which one has which organization, and the move from one to another."""
