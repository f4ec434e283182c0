"""Secrets in what an agent prints: found, and masked before anybody stores or sees them.

    rules            what secrets look like: a table of formats, and of places that give others away
    search           finds them in a line; `values` tells a secret from code, a placeholder or a word
    private_keys     those that reach over many lines
    masker           finds them in a text, and masks them
    line_masker      the same for the lines of a stream, block by block
    reader           the same, and reports what was found
    redaction        masks them in raw bytes without moving any

Read `masker` first: the others are what it is made of, and who uses it.
"""
