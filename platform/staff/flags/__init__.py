"""Feature flags: who has a thing that not everybody has yet."""
