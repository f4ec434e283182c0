-- A span of time is found by the ids that fall into it: for each block of 1024 ids the earliest and the latest time.
-- An index on the time would cost 41 bytes an event, and the newest ids would still have to be sorted out.
CREATE TABLE event_spans (
    block INTEGER PRIMARY KEY,
    earliest DATETIME NOT NULL,
    latest DATETIME NOT NULL
);
INSERT INTO event_spans
    SELECT id >> 10, MIN(timestamp), MAX(timestamp) FROM extraction_events WHERE timestamp IS NOT NULL GROUP BY id >> 10;

-- Counts also by risk, '' where there is none, and over all time ('all'), so that nobody's statistics read events.
DROP INDEX buckets_by_agent;
DROP INDEX buckets_by_pattern;
DROP TABLE metric_buckets;
CREATE TABLE metric_buckets (
    width TEXT NOT NULL,
    start DATETIME NOT NULL,
    agent_name TEXT NOT NULL,
    event_type TEXT NOT NULL,
    pattern TEXT NOT NULL,
    risk_level TEXT NOT NULL DEFAULT '',
    count INTEGER NOT NULL,
    PRIMARY KEY (width, start, agent_name, event_type, pattern, risk_level)
) WITHOUT ROWID;
-- Whole seconds are cut out of the time, because SQLite rounds: 23:59:59.999999 would be the next day.
INSERT INTO metric_buckets
    SELECT width,
        strftime('%Y-%m-%dT%H:%M:%S.000000Z', CAST(strftime('%s', substr(timestamp, 1, 19)) AS INTEGER)
            / seconds * seconds, 'unixepoch') AS slot,
        agent_name, event_type, pattern, COALESCE(risk_level, ''), COUNT(*)
    FROM extraction_events
        CROSS JOIN (SELECT '5m' AS width, 300 AS seconds UNION ALL SELECT '1h', 3600 UNION ALL SELECT '1d', 86400
            UNION ALL SELECT 'all', 366000 * 86400)
    WHERE timestamp IS NOT NULL
    GROUP BY width, slot, agent_name, event_type, pattern, COALESCE(risk_level, '');
CREATE INDEX buckets_by_agent ON metric_buckets(agent_name, width, start);
CREATE INDEX buckets_by_pattern ON metric_buckets(pattern, width, start);

-- Events of high or critical risk, counted in the same transaction: who looks after agents asks for these sessions.
ALTER TABLE process_sessions ADD COLUMN risky_events INTEGER NOT NULL DEFAULT 0;
UPDATE process_sessions SET risky_events = (
    SELECT COUNT(*) FROM extraction_events AS e
    WHERE e.session_id = process_sessions.session_id AND e.risk_level IN ('high', 'critical'));
CREATE INDEX sessions_of_concern ON process_sessions(id)
    WHERE risky_events > 0 OR state IN ('failed', 'killed', 'interrupted');

CREATE INDEX occurrences_by_time ON code_block_occurrences(timestamp, block_id);

-- A block's first occurrence in a session is found at once, however many blocks the session has.
DROP INDEX occurrences_by_session;
CREATE INDEX occurrences_by_session ON code_block_occurrences(session_id, block_id);
