"""claude's JSON: `--output-format stream-json` and `json`."""
