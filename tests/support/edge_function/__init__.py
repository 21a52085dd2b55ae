"""CloudFront's function outside CloudFront: Node runs its file, a port of it in Python judges at the local edge."""
