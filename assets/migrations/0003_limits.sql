-- A row of request may now tell that the platform refused it for the limit.
ALTER TABLE request ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;

-- A row asserts: the platform last refused the account's minute then although our own
-- requests had not used it up; so many had got through in the 60 s before, and so many
-- refusals came one after another.
CREATE TABLE refusal (
    account    TEXT   NOT NULL PRIMARY KEY,
    boot       BIGINT NOT NULL,
    refused_up BIGINT NOT NULL,
    refused_at BIGINT NOT NULL,
    through    BIGINT NOT NULL,
    in_a_row   BIGINT NOT NULL
);

-- The array that a waiting row was in when the platform refused it whole, for one of its
-- contacts that is not found yet; none once it is found, or nothing speaks against the row.
ALTER TABLE outbox ADD COLUMN suspect_of BIGINT;
CREATE INDEX outbox_suspect ON outbox (suspect_of) WHERE suspect_of IS NOT NULL;
