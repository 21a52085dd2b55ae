"""What the infrastructure as code promises, and the pages that are worked out from it."""
