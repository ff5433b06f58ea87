"""Programmes: the document in plain words, starting it, and who takes part."""
