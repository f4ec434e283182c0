"""What a reader saw on a terminal: output that repaints, as lines, each once. Its face is `stream.screen`.

    bytes ─> plain_output        what only adds to the end needs no terminal
         └─> line_terminal       a terminal in memory (`emulated_terminal`), and the rows that stand on it
             └─> reader          which of them are new: `settling`, helped by `alignment` (rows that moved),
                                 `revisions` (another state of the same row), `shown_again` with `seen_rows`
                                 (paging back) and `emitted_lines` (everything is written once more)

Pure but for the emulator, which `emulated_terminal` alone touches.
"""
