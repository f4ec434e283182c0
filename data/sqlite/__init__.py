"""The SQLite backend: one file in WAL mode, many writers, readers that only read.

What the indexer needs (`recording_store` and all that it imports) is synchronous and does without asyncio, whose import
alone takes longer than a short run.
"""
