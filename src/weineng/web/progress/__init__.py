"""Where one teacher stands and why; a unit's figures, each a link to the people behind it."""
