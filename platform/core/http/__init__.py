"""The HTTP kit: views with a declared permission a method, problems, pages, preconditions, idempotency."""
