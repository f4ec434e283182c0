-- How a session went, read from what happened and from its exit status together, and why. NULL while it runs.
ALTER TABLE process_sessions ADD COLUMN verdict TEXT;
ALTER TABLE process_sessions ADD COLUMN verdict_reason TEXT;

-- Who looks after agents asks for those that failed with an exit status of 0 as well.
DROP INDEX sessions_of_concern;
CREATE INDEX sessions_of_concern ON process_sessions(id)
    WHERE risky_events > 0 OR state IN ('failed', 'killed', 'interrupted') OR verdict IN ('failed', 'gave_up');
