"""What was done in the organization, by whom and on whose behalf: append-only, sealed, and readable by its people."""
