"""Enrollments over HTTP: leaving a course. What shows progress beside the enrollment is in apps.progress."""
