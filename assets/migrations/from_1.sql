-- A row of outbox may now be asked for more than to be created: what, and of which contact.
ALTER TABLE outbox ADD COLUMN task TEXT NOT NULL DEFAULT 'create'; -- create, update, delete
ALTER TABLE outbox ADD COLUMN target TEXT;                         -- JSON: the contact to change

ALTER TABLE attempt ADD COLUMN verb TEXT NOT NULL DEFAULT 'create';

-- What a contact of the platform is compared by.
ALTER TABLE directory ADD COLUMN salutation TEXT;
ALTER TABLE directory ADD COLUMN extension TEXT;
CREATE INDEX directory_name ON directory (profile, active, folded, id);

-- Pages of the results, newest first: all of them, by state, and while searching, which
-- reads this index and not the table.
DROP INDEX outbox_newest;
CREATE INDEX outbox_page ON outbox (profile, id, state, folded, e164);
CREATE INDEX outbox_state_page ON outbox (profile, state, id);
-- Who else has a number, and how that stands: asked for every row that is due, so the
-- answer must lie in the index, and no other index may look as good.
DROP INDEX outbox_number;
CREATE INDEX outbox_number ON outbox (profile, e164, state, id);
-- Changes that wait: few, and found without a look at what is to be created.
CREATE INDEX outbox_change ON outbox (profile, state, id) WHERE task <> 'create';
