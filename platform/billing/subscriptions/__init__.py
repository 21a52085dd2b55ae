"""What an organization buys: choosing a plan, changing it, ending it, and how Stripe's objects become our rows."""
