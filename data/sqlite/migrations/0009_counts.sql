-- Counts by agent and type alone, for timelines: a week by the hour has a fourth of the rows. Widths as in metric_buckets,
-- but for 'all'.
CREATE TABLE type_buckets (
    width TEXT NOT NULL,
    start DATETIME NOT NULL,
    agent_name TEXT NOT NULL,
    event_type TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (width, start, agent_name, event_type)
) WITHOUT ROWID;
INSERT INTO type_buckets
    SELECT width, start, agent_name, event_type, SUM(count) FROM metric_buckets WHERE width <> 'all'
    GROUP BY width, start, agent_name, event_type;

-- Nothing looks for an agent's or a pattern's buckets of five minutes: both indexes held every row of the table again.
DROP INDEX buckets_by_agent;
DROP INDEX buckets_by_pattern;
CREATE INDEX days_by_agent ON metric_buckets(agent_name, start) WHERE width = '1d';
CREATE INDEX days_by_pattern ON metric_buckets(pattern, start) WHERE width = '1d';
CREATE INDEX days_by_risk ON metric_buckets(risk_level, start) WHERE width = '1d';

-- What a session's events are: a session of a night has hundreds of thousands.
CREATE TABLE session_kinds (
    session_id TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    event_type TEXT NOT NULL,
    pattern TEXT NOT NULL,
    risk_level TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (session_id, agent_name, event_type, pattern, risk_level)
) WITHOUT ROWID;
INSERT INTO session_kinds
    SELECT session_id, agent_name, event_type, pattern, COALESCE(risk_level, '') AS risk, COUNT(*)
    FROM extraction_events GROUP BY session_id, agent_name, event_type, pattern, risk;

-- The span of every 32 blocks of event_spans: ten million events have 300.
CREATE TABLE event_span_groups (
    number INTEGER PRIMARY KEY,
    earliest DATETIME NOT NULL,
    latest DATETIME NOT NULL
);
INSERT INTO event_span_groups SELECT block >> 5, MIN(earliest), MAX(latest) FROM event_spans GROUP BY block >> 5;

-- Sessions counted by agent and state ('' for none), and what they used. Triggers keep it, for whoever writes.
CREATE TABLE session_totals (
    agent_name TEXT NOT NULL,
    state TEXT NOT NULL,
    sessions INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    ended_well INTEGER NOT NULL,
    with_tokens INTEGER NOT NULL,
    tokens_total INTEGER NOT NULL,
    with_cost INTEGER NOT NULL,
    cost_usd REAL NOT NULL,
    PRIMARY KEY (agent_name, state)
) WITHOUT ROWID;
INSERT INTO session_totals
    SELECT agent_name, COALESCE(state, '') AS known, COUNT(*), COUNT(ended_at),
        SUM(ended_at IS NOT NULL AND exit_code IS 0), COUNT(tokens_total), TOTAL(tokens_total), COUNT(cost_usd),
        TOTAL(cost_usd)
    FROM process_sessions GROUP BY agent_name, known;

CREATE TRIGGER session_added AFTER INSERT ON process_sessions BEGIN
    INSERT INTO session_totals VALUES (
        NEW.agent_name, COALESCE(NEW.state, ''), 1, NEW.ended_at IS NOT NULL,
        NEW.ended_at IS NOT NULL AND NEW.exit_code IS 0, NEW.tokens_total IS NOT NULL, COALESCE(NEW.tokens_total, 0),
        NEW.cost_usd IS NOT NULL, COALESCE(NEW.cost_usd, 0))
    ON CONFLICT DO UPDATE SET sessions = sessions + 1, ended = ended + excluded.ended,
        ended_well = ended_well + excluded.ended_well, with_tokens = with_tokens + excluded.with_tokens,
        tokens_total = tokens_total + excluded.tokens_total, with_cost = with_cost + excluded.with_cost,
        cost_usd = cost_usd + excluded.cost_usd;
END;
CREATE TRIGGER session_gone AFTER DELETE ON process_sessions BEGIN
    UPDATE session_totals SET sessions = sessions - 1, ended = ended - (OLD.ended_at IS NOT NULL),
        ended_well = ended_well - (OLD.ended_at IS NOT NULL AND OLD.exit_code IS 0),
        with_tokens = with_tokens - (OLD.tokens_total IS NOT NULL),
        tokens_total = tokens_total - COALESCE(OLD.tokens_total, 0),
        with_cost = with_cost - (OLD.cost_usd IS NOT NULL), cost_usd = cost_usd - COALESCE(OLD.cost_usd, 0)
    WHERE agent_name = OLD.agent_name AND state = COALESCE(OLD.state, '');
END;
CREATE TRIGGER session_changed
AFTER UPDATE OF agent_name, state, ended_at, exit_code, tokens_total, cost_usd ON process_sessions BEGIN
    UPDATE session_totals SET sessions = sessions - 1, ended = ended - (OLD.ended_at IS NOT NULL),
        ended_well = ended_well - (OLD.ended_at IS NOT NULL AND OLD.exit_code IS 0),
        with_tokens = with_tokens - (OLD.tokens_total IS NOT NULL),
        tokens_total = tokens_total - COALESCE(OLD.tokens_total, 0),
        with_cost = with_cost - (OLD.cost_usd IS NOT NULL), cost_usd = cost_usd - COALESCE(OLD.cost_usd, 0)
    WHERE agent_name = OLD.agent_name AND state = COALESCE(OLD.state, '');
    INSERT INTO session_totals VALUES (
        NEW.agent_name, COALESCE(NEW.state, ''), 1, NEW.ended_at IS NOT NULL,
        NEW.ended_at IS NOT NULL AND NEW.exit_code IS 0, NEW.tokens_total IS NOT NULL, COALESCE(NEW.tokens_total, 0),
        NEW.cost_usd IS NOT NULL, COALESCE(NEW.cost_usd, 0))
    ON CONFLICT DO UPDATE SET sessions = sessions + 1, ended = ended + excluded.ended,
        ended_well = ended_well + excluded.ended_well, with_tokens = with_tokens + excluded.with_tokens,
        tokens_total = tokens_total + excluded.tokens_total, with_cost = with_cost + excluded.with_cost,
        cost_usd = cost_usd + excluded.cost_usd;
END;
-- The latest end of an agent's sessions is found at once.
CREATE INDEX sessions_by_agent_end ON process_sessions(agent_name, ended_at);
CREATE INDEX sessions_by_agent_state ON process_sessions(agent_name, state);

-- The words of the full text: a beginning is looked up in the words that begin so, instead of being merged of them.
CREATE VIRTUAL TABLE event_search_words USING fts5vocab(event_search, instance);
CREATE VIRTUAL TABLE block_search_words USING fts5vocab(block_search, instance);
