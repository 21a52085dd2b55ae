"""The image without Docker: built line by line from the Dockerfile, run as docker-compose.yml says."""
