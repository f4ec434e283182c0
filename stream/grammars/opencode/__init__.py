"""opencode's text: the rows of its screen, and what `opencode run` prints."""
