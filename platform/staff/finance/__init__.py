"""Finance in the console: the books, what staff give and take back, plans, and what the payment provider said."""
