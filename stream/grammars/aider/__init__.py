"""aider's text: what it prints for people, its questions, tokens and faults."""
