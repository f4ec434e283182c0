"""What a replay or an export plays back: a recording, from any moment of it.

    playback      the recording as a sequence of pieces, with their times
    items         pieces, events and states in one sequence
    output_text   output as it can stand in JSON
    keyframes     what paints a terminal as it was
    seeking       any moment of a recording at once, as a keyframe

Files are read, and nothing is written. When a piece is due is `stream.pacing`'s business.
"""
