"""Two demo organizations, made through the product's own pages and API as people would. Embedded default only."""
