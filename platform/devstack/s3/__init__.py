"""The embedded object store: an S3 endpoint over plain files."""
