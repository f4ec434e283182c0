-- The contract's tables (people query them with sqlite3) and our own beside them.
-- Timestamps are UTC text with microseconds and Z, which sorts as the time does.

CREATE TABLE process_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_name TEXT NOT NULL,
    session_id TEXT NOT NULL UNIQUE,
    environment TEXT,
    started_at DATETIME,
    ended_at DATETIME,
    exit_code INTEGER,
    total_lines_processed INTEGER DEFAULT 0,
    total_extraction_events INTEGER DEFAULT 0,
    total_feedback_outcomes INTEGER DEFAULT 0,
    stdout_log_path TEXT,
    stderr_log_path TEXT,
    extraction_config_version TEXT,
    environment_config_version TEXT,
    state TEXT,
    recording_path TEXT,
    command_json TEXT,
    heartbeat_at DATETIME
);

CREATE TABLE process_state_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL REFERENCES process_sessions(session_id),
    timestamp DATETIME,
    state TEXT,
    exit_code INTEGER,
    metadata_json TEXT
);

CREATE TABLE extraction_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_name TEXT NOT NULL,
    session_id TEXT NOT NULL,
    timestamp DATETIME,
    event_type TEXT NOT NULL,
    pattern TEXT NOT NULL,
    matched_value TEXT,
    original_line TEXT,
    line_number INTEGER,
    metadata_json TEXT,
    code_block_language TEXT,
    risk_level TEXT,
    auto_confirmable BOOLEAN DEFAULT 0,
    stream TEXT,
    byte_offset INTEGER
);

CREATE TABLE code_blocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_name TEXT NOT NULL,
    session_id TEXT NOT NULL,
    timestamp DATETIME,
    language TEXT,
    content TEXT,
    line_start INTEGER,
    line_end INTEGER,
    context_json TEXT,
    parseable BOOLEAN,
    digest TEXT UNIQUE
);

CREATE TABLE code_block_occurrences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    block_id INTEGER NOT NULL REFERENCES code_blocks(id),
    agent_name TEXT NOT NULL,
    session_id TEXT NOT NULL,
    timestamp DATETIME,
    line_start INTEGER,
    line_end INTEGER,
    context_json TEXT,
    stream TEXT,
    byte_offset INTEGER
);

-- Counts of events. width is '5m', '1h' or '1d'; start is the bucket's first moment.
CREATE TABLE metric_buckets (
    width TEXT NOT NULL,
    start DATETIME NOT NULL,
    agent_name TEXT NOT NULL,
    event_type TEXT NOT NULL,
    pattern TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (width, start, agent_name, event_type, pattern)
) WITHOUT ROWID;

CREATE TABLE checkpoints (
    session_id TEXT PRIMARY KEY REFERENCES process_sessions(session_id),
    revision INTEGER NOT NULL,
    timing_offset INTEGER NOT NULL,
    stdout_offset INTEGER NOT NULL,
    stderr_offset INTEGER NOT NULL,
    clock INTEGER NOT NULL,
    state TEXT NOT NULL,
    config_version TEXT NOT NULL
) WITHOUT ROWID;
