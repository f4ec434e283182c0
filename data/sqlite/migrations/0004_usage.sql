-- What agents say they used, as they say it: a row for each message, step or turn, and one for each reading of a
-- running total. The key makes what is told again the same row. NULL is what was not told.
CREATE TABLE usage (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES process_sessions(session_id),
    timestamp DATETIME NOT NULL,
    thread TEXT NOT NULL,
    key TEXT NOT NULL,
    scope TEXT NOT NULL,
    source TEXT NOT NULL,
    model TEXT NOT NULL,
    input_uncached INTEGER,
    cache_read INTEGER,
    cache_write INTEGER,
    output INTEGER,
    reasoning INTEGER,
    total INTEGER,
    cost_usd REAL,
    approximate BOOLEAN NOT NULL DEFAULT 0,
    UNIQUE (session_id, thread, key)
);
-- A thread may go on in another session: a reading counts from the one before it, wherever that was.
CREATE INDEX usage_by_thread ON usage(thread) WHERE scope = 'thread';

-- What of it counts, once: by session, hour and model ('' where the agent does not name it).
CREATE TABLE usage_counts (
    session_id TEXT NOT NULL REFERENCES process_sessions(session_id),
    start DATETIME NOT NULL,
    model TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    input_uncached INTEGER,
    cache_read INTEGER,
    cache_write INTEGER,
    output INTEGER,
    reasoning INTEGER,
    total INTEGER,
    cost_usd REAL,
    PRIMARY KEY (session_id, start, model)
) WITHOUT ROWID;
CREATE INDEX usage_counts_by_time ON usage_counts(start);
CREATE INDEX usage_counts_by_agent ON usage_counts(agent_name, start);

ALTER TABLE process_sessions ADD COLUMN tokens_total INTEGER;
ALTER TABLE process_sessions ADD COLUMN cost_usd REAL;
