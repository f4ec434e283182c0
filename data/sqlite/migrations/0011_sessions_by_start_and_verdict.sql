-- Sessions are listed by when they started: one that is stored later than it ran gets a higher id than those after it.
-- (Who polls behind an id asks in the order of ids: the indexes without the time stay.)
CREATE INDEX sessions_by_state_start ON process_sessions(state, started_at);
CREATE INDEX sessions_by_agent_state_start ON process_sessions(agent_name, state, started_at);
CREATE INDEX sessions_by_verdict_start ON process_sessions(verdict, started_at);
CREATE INDEX sessions_by_agent_verdict_start ON process_sessions(agent_name, verdict, started_at);
CREATE INDEX sessions_without_end_by_start ON process_sessions(ended_at, started_at) WHERE ended_at IS NULL;
DROP INDEX sessions_of_concern;
CREATE INDEX sessions_of_concern ON process_sessions(started_at)
    WHERE risky_events > 0 OR state IN ('failed', 'killed', 'interrupted') OR verdict IN ('failed', 'gave_up');

-- Exit statuses lie: a session has ended well if its status is 0 and no verdict says otherwise.
DROP TRIGGER session_added;
DROP TRIGGER session_gone;
DROP TRIGGER session_changed;
DELETE FROM session_totals;
INSERT INTO session_totals
    SELECT agent_name, COALESCE(state, '') AS known, COUNT(*), COUNT(ended_at),
        SUM(ended_at IS NOT NULL AND exit_code IS 0
            AND COALESCE(verdict, '') NOT IN ('failed', 'gave_up', 'interrupted')),
        COUNT(tokens_total), TOTAL(tokens_total), COUNT(cost_usd), TOTAL(cost_usd)
    FROM process_sessions GROUP BY agent_name, known;

CREATE TRIGGER session_added AFTER INSERT ON process_sessions BEGIN
    INSERT INTO session_totals VALUES (
        NEW.agent_name, COALESCE(NEW.state, ''), 1, NEW.ended_at IS NOT NULL,
        NEW.ended_at IS NOT NULL AND NEW.exit_code IS 0
            AND COALESCE(NEW.verdict, '') NOT IN ('failed', 'gave_up', 'interrupted'),
        NEW.tokens_total IS NOT NULL, COALESCE(NEW.tokens_total, 0),
        NEW.cost_usd IS NOT NULL, COALESCE(NEW.cost_usd, 0))
    ON CONFLICT DO UPDATE SET sessions = sessions + 1, ended = ended + excluded.ended,
        ended_well = ended_well + excluded.ended_well, with_tokens = with_tokens + excluded.with_tokens,
        tokens_total = tokens_total + excluded.tokens_total, with_cost = with_cost + excluded.with_cost,
        cost_usd = cost_usd + excluded.cost_usd;
END;
CREATE TRIGGER session_gone AFTER DELETE ON process_sessions BEGIN
    UPDATE session_totals SET sessions = sessions - 1, ended = ended - (OLD.ended_at IS NOT NULL),
        ended_well = ended_well - (OLD.ended_at IS NOT NULL AND OLD.exit_code IS 0
            AND COALESCE(OLD.verdict, '') NOT IN ('failed', 'gave_up', 'interrupted')),
        with_tokens = with_tokens - (OLD.tokens_total IS NOT NULL),
        tokens_total = tokens_total - COALESCE(OLD.tokens_total, 0),
        with_cost = with_cost - (OLD.cost_usd IS NOT NULL), cost_usd = cost_usd - COALESCE(OLD.cost_usd, 0)
    WHERE agent_name = OLD.agent_name AND state = COALESCE(OLD.state, '');
END;
CREATE TRIGGER session_changed
AFTER UPDATE OF agent_name, state, ended_at, exit_code, verdict, tokens_total, cost_usd ON process_sessions BEGIN
    UPDATE session_totals SET sessions = sessions - 1, ended = ended - (OLD.ended_at IS NOT NULL),
        ended_well = ended_well - (OLD.ended_at IS NOT NULL AND OLD.exit_code IS 0
            AND COALESCE(OLD.verdict, '') NOT IN ('failed', 'gave_up', 'interrupted')),
        with_tokens = with_tokens - (OLD.tokens_total IS NOT NULL),
        tokens_total = tokens_total - COALESCE(OLD.tokens_total, 0),
        with_cost = with_cost - (OLD.cost_usd IS NOT NULL), cost_usd = cost_usd - COALESCE(OLD.cost_usd, 0)
    WHERE agent_name = OLD.agent_name AND state = COALESCE(OLD.state, '');
    INSERT INTO session_totals VALUES (
        NEW.agent_name, COALESCE(NEW.state, ''), 1, NEW.ended_at IS NOT NULL,
        NEW.ended_at IS NOT NULL AND NEW.exit_code IS 0
            AND COALESCE(NEW.verdict, '') NOT IN ('failed', 'gave_up', 'interrupted'),
        NEW.tokens_total IS NOT NULL, COALESCE(NEW.tokens_total, 0),
        NEW.cost_usd IS NOT NULL, COALESCE(NEW.cost_usd, 0))
    ON CONFLICT DO UPDATE SET sessions = sessions + 1, ended = ended + excluded.ended,
        ended_well = ended_well + excluded.ended_well, with_tokens = with_tokens + excluded.with_tokens,
        tokens_total = tokens_total + excluded.tokens_total, with_cost = with_cost + excluded.with_cost,
        cost_usd = cost_usd + excluded.cost_usd;
END;
