"""What is used and never given back: counted once, by day, told to owners, capped or charged as they chose."""
