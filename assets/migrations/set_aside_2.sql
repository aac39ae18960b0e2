-- Before the tables of version 2 are carried over: they make way for the new ones.
ALTER TABLE outbox RENAME TO old_outbox;
ALTER TABLE attempt RENAME TO old_attempt;
ALTER TABLE request RENAME TO old_request;
ALTER TABLE hold RENAME TO old_hold;
ALTER TABLE directory RENAME TO old_directory;
ALTER TABLE memory RENAME TO old_memory;
DROP TABLE tally;
DROP INDEX outbox_due;
DROP INDEX outbox_waiting;
DROP INDEX outbox_number;
DROP INDEX outbox_page;
DROP INDEX outbox_state_page;
DROP INDEX outbox_change;
DROP INDEX request_account;
DROP INDEX directory_number;
DROP INDEX directory_name;
