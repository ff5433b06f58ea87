"""Statements into the tables and out of them, in SQL."""
