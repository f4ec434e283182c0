-- What a session used is added up by thread, scope, model and hour each time that more is told: in this order, unsorted.
CREATE INDEX usage_parts ON usage(session_id, thread, scope, model, substr(timestamp, 1, 13))
    WHERE scope NOT IN ('run', 'thread');
