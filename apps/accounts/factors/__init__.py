"""Second factors: authenticator app, passkeys, recovery codes, and who must have one."""
