"""The console's own work: figures of organizations, their list, their page, the fleet."""
