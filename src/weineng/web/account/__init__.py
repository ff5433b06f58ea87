"""Signing in, one's own account, and the accounts, roles and keys of a unit."""
