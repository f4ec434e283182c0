-- The newest event of the worst risk in a session, however much else there is in it.
CREATE INDEX critical_events ON extraction_events(session_id) WHERE risk_level = 'critical';
CREATE INDEX high_risk_events ON extraction_events(session_id) WHERE risk_level = 'high';

-- An agent that is asked to end may do so with status 0.
DROP INDEX sessions_of_concern;
CREATE INDEX sessions_of_concern ON process_sessions(started_at)
    WHERE risky_events > 0 OR state IN ('failed', 'killed', 'interrupted')
        OR verdict IN ('failed', 'gave_up', 'interrupted');
