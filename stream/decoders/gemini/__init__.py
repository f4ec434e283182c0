"""gemini's JSON: `-o stream-json` and `-o json`."""
