"""Units and people: the tree, who works where, and every dated change of either."""
