"""Signing in, and what a person may do where.

Activation by slip or mail, password rules, lock-out, second factor, sessions; roles granted at a node for a time,
delegation with an expiry. Builds the Actor of every request and job once.
"""
