"""How a school is assessed: its stages, what it hands over, and its own mode."""
