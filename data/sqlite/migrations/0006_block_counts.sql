-- How many code blocks there are: of all agents together, and of each. Counting them reads every one.
-- Triggers keep it, for whoever writes: blocks are few, and the last place of one may go by more than one way.
CREATE TABLE block_counts (
    scope TEXT NOT NULL CHECK (scope IN ('all', 'agent')),
    name TEXT NOT NULL,
    blocks INTEGER NOT NULL,
    PRIMARY KEY (scope, name)
) WITHOUT ROWID;
INSERT INTO block_counts SELECT 'all', '', COUNT(*) FROM code_blocks;
INSERT INTO block_counts
    SELECT 'agent', agent_name, COUNT(DISTINCT block_id) FROM code_block_occurrences GROUP BY agent_name;

CREATE TRIGGER block_added AFTER INSERT ON code_blocks BEGIN
    INSERT INTO block_counts VALUES ('all', '', 1) ON CONFLICT DO UPDATE SET blocks = blocks + 1;
END;
CREATE TRIGGER block_gone AFTER DELETE ON code_blocks BEGIN
    UPDATE block_counts SET blocks = blocks - 1 WHERE scope = 'all';
END;
CREATE TRIGGER agent_block_added AFTER INSERT ON code_block_occurrences
WHEN NOT EXISTS (
    SELECT 1 FROM code_block_occurrences
    WHERE agent_name = NEW.agent_name AND block_id = NEW.block_id AND id <> NEW.id
) BEGIN
    INSERT INTO block_counts VALUES ('agent', NEW.agent_name, 1) ON CONFLICT DO UPDATE SET blocks = blocks + 1;
END;
CREATE TRIGGER agent_block_gone AFTER DELETE ON code_block_occurrences
WHEN NOT EXISTS (
    SELECT 1 FROM code_block_occurrences WHERE agent_name = OLD.agent_name AND block_id = OLD.block_id
) BEGIN
    UPDATE block_counts SET blocks = blocks - 1 WHERE scope = 'agent' AND name = OLD.agent_name;
END;
