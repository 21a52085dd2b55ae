"""Courses: the editable draft, and the immutable versions that publishing makes of it."""
