"""What time alone does: a trial ends, a payment stays late. Reminders go to owners and contacts, once each."""
