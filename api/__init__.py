"""HTTP: questions, live feed and replay. Imports `data` and `stream`."""
