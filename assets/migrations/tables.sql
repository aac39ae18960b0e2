-- Times are milliseconds since 1970 by the wall clock (_at), or since a start of the machine
-- (_up), which no clock setting moves; which start that was is told beside it (boot).

-- A row asserts: contacts are, or were, created in this stream of this account on this
-- platform. Rows, directory and memory belong to it, whatever a profile is called.
CREATE TABLE estate (
    id            INTEGER NOT NULL PRIMARY KEY,
    origin        TEXT    NOT NULL,            -- the platform's scheme, name and port
    path          TEXT    NOT NULL,            -- what the host's URL has beyond that
    account       TEXT    NOT NULL,            -- nothing while it is not known
    stream        TEXT    NOT NULL,
    profile       TEXT    NOT NULL,            -- what it was called when it was last used
    answered_at   INTEGER,                     -- when the platform first did what it was asked
    seen_accounts TEXT                         -- of one that is not known: JSON, accounts it may be of
) STRICT;
CREATE UNIQUE INDEX estate_known ON estate (origin, path, account, stream) WHERE account <> '';
CREATE UNIQUE INDEX estate_unknown ON estate (profile) WHERE account = '';

-- A row asserts: the platform last refused the account's minute then although our own
-- requests had not used it up; so many had got through in the 60 s before, and so many
-- refusals came one after another.
CREATE TABLE refusal (
    origin     TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    boot       ANY     NOT NULL,
    refused_up INTEGER NOT NULL,
    refused_at INTEGER NOT NULL,
    through    INTEGER NOT NULL,
    in_a_row   INTEGER NOT NULL,
    PRIMARY KEY (origin, account)
) STRICT, WITHOUT ROWID;

-- A row asserts: an agent submitted this contact for this estate, and this is what is true
-- of it. Rows are removed only when somebody discards them.
CREATE TABLE outbox (
    id           TEXT    NOT NULL PRIMARY KEY, -- UUID v7: sorts by the time it was made
    estate       INTEGER NOT NULL,
    agent        TEXT    NOT NULL,             -- who typed it
    machine      TEXT    NOT NULL,             -- where
    corrects     TEXT,                         -- the row it was typed instead of
    origin       TEXT    NOT NULL,             -- form, import
    salutation   TEXT    NOT NULL,
    first_name   TEXT    NOT NULL,
    last_name    TEXT    NOT NULL,
    region       TEXT,                         -- ISO 3166-1 alpha-2; none for +800 and the like
    calling_code INTEGER NOT NULL,
    national     TEXT    NOT NULL,             -- digits, leading zeros kept
    written      TEXT,                         -- the number as people write it; none in rows
                                               -- that an earlier version typed
    extension    TEXT    NOT NULL,
    e164         TEXT    NOT NULL,
    folded       TEXT    NOT NULL,             -- the name without case and accents, for searching
    submitted_at INTEGER NOT NULL,
    task         TEXT    NOT NULL,             -- create, update, delete
    target       TEXT,                         -- JSON: the contact to change
    lane         TEXT    NOT NULL AS (CASE WHEN handed_at IS NOT NULL AND settled_at IS NULL
                         THEN 'floor' WHEN task = 'create' THEN origin ELSE 'change' END) VIRTUAL,
    state        TEXT    NOT NULL,             -- queued, sending, unclear, created, deleted,
                                               -- duplicate, rejected, attention; damaged
    reason       TEXT,                         -- JSON: why it waits, was refused or needs someone
    remark       TEXT,                         -- JSON: what else to say of it
    platform_id  TEXT,
    owners       TEXT,                         -- JSON: whose number it is
    due_at       INTEGER NOT NULL,             -- 0 is at once
    due_boot     ANY     NOT NULL,
    due_up       INTEGER NOT NULL,             -- 0 is at once
    look_up      INTEGER NOT NULL,             -- 1 while the platform's list must be asked
    array_cap    INTEGER,                      -- the largest array it may be part of
    suspect_of   INTEGER,                      -- the array that was refused whole for one of its
                                               -- contacts that is not found yet
    attempts     INTEGER NOT NULL,
    settled_at   INTEGER,                      -- none while it waits or is under way
    handed_at    INTEGER,                      -- when a floor's shared store took it over
    revision     INTEGER NOT NULL DEFAULT 0,   -- grows with what its agent does to it
    worker       TEXT,                         -- who may send it now
    lease_boot   ANY     NOT NULL,
    lease_up     INTEGER NOT NULL
) STRICT;
-- What is due at once, oldest first, and what waits for its time, soonest first.
CREATE INDEX outbox_ready ON outbox (estate, lane, state, id)
    WHERE due_up = 0 AND look_up = 0 AND settled_at IS NULL;
CREATE INDEX outbox_timed ON outbox (estate, lane, state, due_up)
    WHERE due_up > 0 AND look_up = 0 AND settled_at IS NULL;
CREATE INDEX outbox_look_up ON outbox (estate, state, origin, id) WHERE look_up = 1;
CREATE INDEX outbox_suspect ON outbox (suspect_of) WHERE suspect_of IS NOT NULL;
CREATE INDEX outbox_unsettled ON outbox (estate, submitted_at) WHERE settled_at IS NULL;
-- Who else has a number, and how that stands: asked for every row that is due, so the
-- answer must lie in the index.
CREATE INDEX outbox_number ON outbox (estate, e164, state, id);
-- Pages of the results, newest first: all of them, and by state.
CREATE INDEX outbox_page ON outbox (estate, id);
CREATE INDEX outbox_state_page ON outbox (estate, state, id);
-- What was typed here, among however much was imported.
CREATE INDEX outbox_typed_page ON outbox (estate, id) WHERE origin = 'form';

-- A row asserts: this request was made for this contact. Written before the wire.
CREATE TABLE attempt (
    submission TEXT    NOT NULL,
    number     INTEGER NOT NULL,               -- 1 for the first
    verb       TEXT    NOT NULL,               -- create, update, delete
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    outcome    TEXT,                           -- JSON; none while nobody knows
    known      TEXT,                           -- JSON: ids that were known to have the number
                                               -- before it was made
    PRIMARY KEY (submission, number)
) STRICT;

-- A row asserts: so many submissions of the estate and this origin are in this state.
CREATE TABLE tally (
    estate INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    origin TEXT    NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (estate, state, origin)
) STRICT, WITHOUT ROWID;

-- A row asserts: these submissions, whose ids follow each other, have these names and
-- numbers. A search reads them instead of the rows; who removes a row removes it here.
CREATE TABLE search (
    estate INTEGER NOT NULL,
    first  TEXT    NOT NULL,                   -- the first id
    text   TEXT    NOT NULL,                   -- a line each: name, tab, number
    ids    BLOB    NOT NULL,                   -- 16 bytes each
    UNIQUE (estate, first)
) STRICT;

-- A row asserts: a request of the account was sent then, and was over then.
CREATE TABLE request (
    id        INTEGER NOT NULL PRIMARY KEY,
    origin    TEXT    NOT NULL,
    account   TEXT    NOT NULL,
    class     TEXT    NOT NULL,                -- form, bulk
    boot      ANY     NOT NULL,
    taken_up  INTEGER NOT NULL,
    taken_at  INTEGER NOT NULL,
    over_up   INTEGER,                         -- none while it is under way
    over_at   INTEGER,
    refused   INTEGER NOT NULL DEFAULT 0       -- 1 when the platform refused it for the limit
) STRICT;

-- A row asserts: the platform asked everybody on the account to wait until then.
CREATE TABLE hold (
    origin     TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    boot       ANY     NOT NULL,
    until_up   INTEGER NOT NULL,
    until_at   INTEGER NOT NULL,
    PRIMARY KEY (origin, account)
) STRICT, WITHOUT ROWID;

-- A row asserts: the platform listed this contact when it was last asked.
CREATE TABLE directory (
    estate     INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    salutation TEXT,
    first_name TEXT,
    last_name  TEXT,
    full_name  TEXT,
    folded     TEXT    NOT NULL,
    e164       TEXT,
    extension  TEXT,
    active     INTEGER NOT NULL,
    created_at INTEGER,
    created_by TEXT,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (estate, id)
) STRICT;
CREATE INDEX directory_number ON directory (estate, e164);
CREATE INDEX directory_name ON directory (estate, active, folded, id);

-- A row asserts: this was worth remembering for the estate (the half-typed contact, that
-- the platform loses contacts from arrays).
CREATE TABLE memory (
    estate     INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY (estate, key)
) STRICT;
