"""Samples of results: fixing what can be drawn, drawing with a published seed, what was found; and the page for anybody."""
