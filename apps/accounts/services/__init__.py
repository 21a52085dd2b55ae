"""What changes members: joining, roles, invitations, the hand-over."""
