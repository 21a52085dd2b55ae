"""Members of an organization: who they are, how they sign in, which roles they hold, how they are invited."""
