"""claude's text: the rows of its screen, and what `claude -p` prints."""
