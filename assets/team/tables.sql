-- What a floor shares. The owner runs this; all of it may be run again. Times are
-- milliseconds since 1970 by this server's clock, which is the floor's.

CREATE SCHEMA IF NOT EXISTS rolodesk;
REVOKE ALL ON SCHEMA rolodesk FROM PUBLIC;

-- The one row asserts: these are the tables of this version, and who is older may not write.
CREATE TABLE IF NOT EXISTS rolodesk.gate (
    only_one   BIGINT NOT NULL PRIMARY KEY DEFAULT 1 CHECK (only_one = 1),
    store      TEXT COLLATE "C" NOT NULL,        -- new at every setup
    version    BIGINT NOT NULL,                  -- of the tables
    min_client BIGINT NOT NULL,                  -- the oldest client that may write
    closed     TEXT COLLATE "C",                 -- a sentence while nobody may
    keep_days  BIGINT                            -- what is settled is erased then; none keeps it
);

-- A row asserts: this account of a platform is shared by the floor; this process may send
-- for it until then. Its lock orders everything: `version` grows with each change under it.
CREATE TABLE IF NOT EXISTS rolodesk.account (
    account        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version        BIGINT NOT NULL DEFAULT 0,
    fence          BIGINT NOT NULL DEFAULT 0,    -- grows with each election
    sender         TEXT COLLATE "C",             -- a process, new with each start
    sender_agent   TEXT COLLATE "C" NOT NULL DEFAULT '',
    sender_machine TEXT COLLATE "C" NOT NULL DEFAULT '',
    priority       BIGINT NOT NULL DEFAULT 0,
    sender_since   BIGINT NOT NULL DEFAULT 0,
    lease_until    BIGINT NOT NULL DEFAULT 0,
    rival          TEXT COLLATE "C",             -- who should send rather, while it asks for it
    rival_priority BIGINT NOT NULL DEFAULT 0,
    rival_until    BIGINT NOT NULL DEFAULT 0,
    hold_until     BIGINT NOT NULL DEFAULT 0,    -- the platform asked to wait
    refusal        TEXT COLLATE "C",             -- JSON: when it last refused the minute
    minute_limit   BIGINT NOT NULL DEFAULT 60,   -- as the last sender had it
    forgot_at      BIGINT NOT NULL DEFAULT 0     -- when what is old was last erased
) WITH (fillfactor = 10);

-- Why the last that sent got nothing through, as senders write it (JSON); none while it does.
ALTER TABLE rolodesk.account ADD COLUMN IF NOT EXISTS trouble TEXT COLLATE "C";
-- The platform once did what a sender asked of this account: a mistyped one never is.
ALTER TABLE rolodesk.account ADD COLUMN IF NOT EXISTS proven BOOLEAN NOT NULL DEFAULT false;

-- A row asserts: this store (a seat) belongs to whoever connects as this role.
CREATE TABLE IF NOT EXISTS rolodesk.seat (
    seat     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    role     TEXT COLLATE "C" NOT NULL,
    account  TEXT COLLATE "C" NOT NULL,
    agent    TEXT COLLATE "C" NOT NULL DEFAULT '',
    machine  TEXT COLLATE "C" NOT NULL DEFAULT '',
    client   TEXT COLLATE "C" NOT NULL DEFAULT '',
    may_send BOOLEAN NOT NULL DEFAULT false,
    seen_at  BIGINT NOT NULL
);

-- A row asserts: a seat accepted this contact, and this is what is true of it. The document
-- is the row as the seats' stores write it; the columns beside it are for the floor alone.
CREATE TABLE IF NOT EXISTS rolodesk.handed (
    id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,  -- UUID v7
    account   TEXT COLLATE "C" NOT NULL,
    seat      TEXT COLLATE "C" NOT NULL,
    revision  BIGINT NOT NULL,                   -- grows with each thing the agent does to it
    agent     TEXT COLLATE "C" NOT NULL,
    machine   TEXT COLLATE "C" NOT NULL,
    e164      TEXT COLLATE "C" NOT NULL,
    lane      TEXT COLLATE "C" NOT NULL,         -- form, import, change
    state     TEXT COLLATE "C" NOT NULL,         -- as in a seat's store; withdrawn
    due_at    BIGINT NOT NULL,                   -- 0 is at once
    fence     BIGINT NOT NULL DEFAULT 0,         -- of the sender that has it
    document  TEXT COLLATE "C" NOT NULL,
    handed_at BIGINT NOT NULL,
    told_at   BIGINT,                            -- when a sender last said something of it
    changed   BIGINT NOT NULL                    -- the account's version of the last change
);
-- What whoever sends says of a row is numbered in each of its terms: what arrives behind
-- something later is not believed.
ALTER TABLE rolodesk.handed ADD COLUMN IF NOT EXISTS said BIGINT NOT NULL DEFAULT 0;
-- Settled, but more may be said of it once the platform's list was read.
ALTER TABLE rolodesk.handed ADD COLUMN IF NOT EXISTS look_up BOOLEAN NOT NULL DEFAULT false;

-- What was created before this was known proves an account as well.
UPDATE rolodesk.account AS a SET proven = true WHERE NOT a.proven AND EXISTS (
    SELECT FROM rolodesk.handed AS h WHERE h.account = a.account AND h.state = 'created');

-- Since when a request for it may have been under way of which nobody was told.
ALTER TABLE rolodesk.handed ADD COLUMN IF NOT EXISTS sent_at BIGINT;

-- A row asserts: a request of the account was begun then, and was over then.
CREATE TABLE IF NOT EXISTS rolodesk.slot (
    id       BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account  TEXT COLLATE "C" NOT NULL,
    fence    BIGINT NOT NULL,
    class    TEXT COLLATE "C" NOT NULL,          -- form, bulk
    taken_at BIGINT NOT NULL,
    over_at  BIGINT,                             -- none while it is under way
    refused  BOOLEAN NOT NULL DEFAULT false      -- the platform refused it for the limit
);

-- A row asserts: the platform had this contact when a sender last read its list.
CREATE TABLE IF NOT EXISTS rolodesk.directory (
    account TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C" NOT NULL,
    e164    TEXT COLLATE "C" NOT NULL,           -- empty for what is no contact
    record  TEXT COLLATE "C" NOT NULL,           -- JSON as the senders write it
    changed BIGINT NOT NULL,
    PRIMARY KEY (account, key)
);

CREATE OR REPLACE FUNCTION rolodesk.now_ms() RETURNS BIGINT LANGUAGE SQL VOLATILE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
