"""Bytes in, values out: the recording, and what is extracted from it.

Imports neither `data`, `api` nor `wrapper`. Nothing here knows a database, a clock or a socket. Files are touched by
`recording`, `follow`, `repair` and `replay` alone, and packs of patterns are read by `patterns`. Read `pipeline` first;
docs/architecture.md draws what is behind it.
"""
