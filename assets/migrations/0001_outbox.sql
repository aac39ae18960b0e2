-- A row asserts: an agent submitted this contact under this profile, and this is what is
-- true of it. Rows are removed only when somebody discards them.
CREATE TABLE outbox (
    id           TEXT   NOT NULL PRIMARY KEY, -- UUID v7: sorts by the time it was made
    profile      TEXT   NOT NULL,
    origin       TEXT   NOT NULL,             -- form, import
    salutation   TEXT   NOT NULL,
    first_name   TEXT   NOT NULL,
    last_name    TEXT   NOT NULL,
    region       TEXT,                        -- ISO 3166-1 alpha-2; none for +800 and the like
    calling_code BIGINT NOT NULL,
    national     TEXT   NOT NULL,             -- digits, leading zeros kept
    extension    TEXT   NOT NULL,
    e164         TEXT   NOT NULL,
    folded       TEXT   NOT NULL,             -- the name without case and accents, for searching
    submitted_at BIGINT NOT NULL,             -- milliseconds since 1970, as all times here
    state        TEXT   NOT NULL,             -- queued, sending, unclear, created, duplicate, rejected, attention
    due_at       BIGINT NOT NULL,             -- by the wall clock; 0 is at once
    due_boot     BIGINT NOT NULL,             -- the machine start that due_up counts from
    due_up       BIGINT NOT NULL,             -- the same time in milliseconds of uptime
    reason       TEXT,                        -- why it waits, was refused or needs someone
    platform_id  TEXT,
    owners       TEXT,                        -- JSON: whose number it is
    remark       TEXT,
    look_up      BIGINT NOT NULL,             -- 1 while the platform's list must be asked
    array_cap    BIGINT,                      -- the largest array it may be part of
    attempts     BIGINT NOT NULL,
    settled_at   BIGINT,
    worker       TEXT,                        -- who may send it now
    lease_boot   BIGINT NOT NULL,
    lease_up     BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (profile, state, look_up, origin, id);
CREATE INDEX outbox_waiting ON outbox (profile, state, due_at);
CREATE INDEX outbox_number ON outbox (profile, e164);
CREATE INDEX outbox_newest ON outbox (profile, id);

-- A row asserts: this request was made for this contact. Written before the wire.
CREATE TABLE attempt (
    submission TEXT   NOT NULL,
    number     BIGINT NOT NULL,               -- 1 for the first
    started_at BIGINT NOT NULL,
    ended_at   BIGINT,
    outcome    TEXT,                          -- JSON; none while nobody knows
    PRIMARY KEY (submission, number)
);

-- A row asserts: so many submissions of the profile are in this state.
CREATE TABLE tally (
    profile TEXT   NOT NULL,
    state   TEXT   NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (profile, state)
);

-- A row asserts: a request of the account was sent then, and was over then.
CREATE TABLE request (
    id        BIGINT NOT NULL PRIMARY KEY,
    account   TEXT   NOT NULL,
    class     TEXT   NOT NULL,                -- form, bulk
    boot      BIGINT NOT NULL,
    taken_up  BIGINT NOT NULL,
    taken_at  BIGINT NOT NULL,
    over_up   BIGINT,                         -- none while it is under way
    over_at   BIGINT
);
CREATE INDEX request_account ON request (account, taken_at);

-- A row asserts: the platform asked everybody on the account to wait until then.
CREATE TABLE hold (
    account    TEXT   NOT NULL PRIMARY KEY,
    boot       BIGINT NOT NULL,
    until_up   BIGINT NOT NULL,
    until_at   BIGINT NOT NULL
);

-- A row asserts: the platform listed this contact when it was last asked.
CREATE TABLE directory (
    profile    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    first_name TEXT,
    last_name  TEXT,
    full_name  TEXT,
    folded     TEXT   NOT NULL,
    e164       TEXT,
    active     BIGINT NOT NULL,
    created_at BIGINT,
    created_by TEXT,
    seen_at    BIGINT NOT NULL,
    PRIMARY KEY (profile, id)
);
CREATE INDEX directory_number ON directory (profile, e164);

-- A row asserts: this was worth remembering for the profile (the half-typed contact,
-- that the platform loses contacts from arrays).
CREATE TABLE memory (
    profile TEXT NOT NULL,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (profile, key)
);
