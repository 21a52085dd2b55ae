"""What Stripe tells us: kept as it came, then looked into; and looked for, where it did not come."""
