"""gemini's text: the rows of its screen, and what `gemini -p` prints."""
