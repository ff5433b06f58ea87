"""Uploads that are never trusted by their name.

Resumable, hash-checked, stored once per content, probed for type, length and pages; a receipt is given when every
byte is on disk. Files are reference-counted and reached by short-lived private links.
"""
