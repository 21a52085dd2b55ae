"""Support access: reasoned, time-boxed, read-only unless asked for, loud, and in the organization's own hands."""
