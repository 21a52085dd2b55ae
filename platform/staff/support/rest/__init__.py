"""Support access as the organization's host serves it."""
