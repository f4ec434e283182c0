-- An agent's events are those of its types, each in the order of ids, merged: 15 of 357 bytes an event are saved.
DROP INDEX events_by_agent;
