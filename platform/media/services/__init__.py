"""Use cases of the media service, by noun."""
