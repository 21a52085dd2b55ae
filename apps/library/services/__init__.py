"""Use cases of the library, by noun."""
