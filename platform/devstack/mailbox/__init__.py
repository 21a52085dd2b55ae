"""The local mailbox: every mail of the embedded default, kept in files and shown on a page of its own host."""
