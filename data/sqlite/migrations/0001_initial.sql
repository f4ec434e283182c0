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

-- Lists are newest first, `ORDER BY id DESC` with a cursor on id: every index of rows ends in the rowid, which is id.
-- There is none on an event's time: the sessions of a span of time give the span of ids.

CREATE INDEX events_by_agent ON extraction_events(agent_name);
CREATE INDEX events_by_agent_type ON extraction_events(agent_name, event_type);
CREATE INDEX events_by_agent_pattern ON extraction_events(agent_name, pattern);
CREATE INDEX events_by_type ON extraction_events(event_type);
CREATE INDEX events_by_pattern ON extraction_events(pattern);
CREATE INDEX events_by_risk ON extraction_events(risk_level) WHERE risk_level IS NOT NULL;
CREATE INDEX events_by_session ON extraction_events(session_id);

CREATE INDEX sessions_by_agent ON process_sessions(agent_name);
CREATE INDEX sessions_by_agent_start ON process_sessions(agent_name, started_at);
CREATE INDEX sessions_by_start ON process_sessions(started_at);
CREATE INDEX sessions_by_state ON process_sessions(state);
CREATE INDEX sessions_without_end ON process_sessions(ended_at) WHERE ended_at IS NULL;
CREATE INDEX state_changes_by_session ON process_state_changes(session_id);

CREATE INDEX blocks_by_session ON code_blocks(session_id);
CREATE INDEX blocks_by_language ON code_blocks(language);
CREATE INDEX occurrences_by_agent ON code_block_occurrences(agent_name);
CREATE INDEX occurrences_by_agent_block ON code_block_occurrences(agent_name, block_id);
CREATE INDEX occurrences_by_block ON code_block_occurrences(block_id, timestamp);
CREATE INDEX occurrences_by_session ON code_block_occurrences(session_id);

CREATE INDEX buckets_by_agent ON metric_buckets(agent_name, width, start);
CREATE INDEX buckets_by_pattern ON metric_buckets(pattern, width, start);

-- What the planner is to think of the indexes, on every database alike and without ANALYZE: rows, then rows per key.
-- Without it agent + session reads all events of the agent.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('extraction_events', 'events_by_agent', '1000000 200000'),
    ('extraction_events', 'events_by_agent_type', '1000000 200000 20000'),
    ('extraction_events', 'events_by_agent_pattern', '1000000 200000 5000'),
    ('extraction_events', 'events_by_type', '1000000 100000'),
    ('extraction_events', 'events_by_pattern', '1000000 25000'),
    ('extraction_events', 'events_by_risk', '500000 150000'),
    ('extraction_events', 'events_by_session', '1000000 1000');
