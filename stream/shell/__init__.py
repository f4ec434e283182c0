"""Shell text, taken apart: what it runs, as far as that can be known without running it."""
