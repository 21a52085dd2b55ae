"""The database backend (ENGINE): django-tenants' with roles, a stamp, and failing closed."""
