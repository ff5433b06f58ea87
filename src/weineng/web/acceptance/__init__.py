"""Acceptance of schools' results: who waits, what was decided about whom, and the way back."""
