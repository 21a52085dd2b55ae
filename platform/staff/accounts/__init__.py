"""Staff accounts: how one begins, what proves it, and how its sessions begin and end."""
