"""What every other package may use: clock, ids, actor, errors and the HTTP kit. No tables live here."""
