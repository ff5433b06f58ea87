"""Certificates: awarded, drawn, verified by anybody, revoked and replaced.

The settle loop awards what is due; the public page shows every signed field and says so when a certificate no
longer holds.
"""
