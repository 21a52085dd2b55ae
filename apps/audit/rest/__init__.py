"""HTTP of audit: views, serializers, routes."""
