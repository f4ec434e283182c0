"""codex's text mode: `codex exec` as people see it. The JSON of `--json` is read by `stream.decoders`."""
