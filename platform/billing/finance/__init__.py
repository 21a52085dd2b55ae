"""What the platform earns, counted from the ledger and from invoices. Platform only."""
