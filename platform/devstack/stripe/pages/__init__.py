"""The pages: where somebody buys, changes a card, looks at an invoice, and turns the clock."""
