"""The embedded delivery edge: judges signed media requests by CloudFront's rules."""
