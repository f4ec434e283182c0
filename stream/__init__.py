"""Bytes in, values out: the recording, and what is extracted from it.

Imports neither `data`, `api` nor `wrapper`. Nothing here knows a database, a clock or a socket; files are touched by
`recording` and `follow` alone.
"""
