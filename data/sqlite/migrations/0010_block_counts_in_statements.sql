-- What stores code blocks counts them, too: with triggers each row was a statement of many, which SQLite must be able to
-- undo, so that it copied every page that it touched to a file. (Rows are deleted seldom: the other triggers stay.)
DROP TRIGGER block_added;
DROP TRIGGER agent_block_added;
