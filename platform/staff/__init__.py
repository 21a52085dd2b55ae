"""Platform staff: their accounts, the console they work in, and the record of what they did there."""
