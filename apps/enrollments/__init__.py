"""Enrollments: who takes which course, and on which of its versions."""
