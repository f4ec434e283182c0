-- What is searched of an event: its line, and its value where the line does not hold it.
CREATE VIEW event_texts AS
    SELECT id, session_id, CASE
            WHEN original_line IS NULL THEN matched_value
            WHEN matched_value IS NULL OR instr(original_line, matched_value) THEN original_line
            ELSE original_line || char(10) || matched_value
        END AS text
    FROM extraction_events;

-- Both indexes hold no text of their own, and no sizes: 28 bytes an event of 40 characters, sizes would be 10 more.
CREATE VIRTUAL TABLE event_search USING fts5(
    text, content = 'event_texts', content_rowid = 'id', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE block_search USING fts5(
    content, content = 'code_blocks', content_rowid = 'id', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');

-- How far they go: every row up to last_id is in the index, none above. Ids are never used twice.
CREATE TABLE search_progress (source TEXT PRIMARY KEY, last_id INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO search_progress VALUES ('extraction_events', 0), ('code_blocks', 0);
