-- From version 2, whose rows belonged to a profile's name. Which estate that was is not
-- known: it is taken to be the profile's, once one of that name is used whose account is
-- among those that requests were made for, if any was made for its rows.
INSERT INTO estate (origin, path, account, stream, profile, seen_accounts)
    SELECT '', '', '', '', profile, CASE
        WHEN EXISTS (SELECT 1 FROM old_outbox WHERE old_outbox.profile = named.profile
            AND attempts > 0)
        THEN (SELECT json_group_array(account) FROM
            (SELECT account FROM old_request UNION SELECT account FROM old_hold)) END
    FROM (SELECT profile FROM old_outbox UNION SELECT profile FROM old_directory
        UNION SELECT profile FROM old_memory) AS named;

INSERT INTO outbox (id, estate, agent, machine, origin, salutation, first_name, last_name,
        region, calling_code, national, extension, e164, folded, submitted_at, task, target,
        state, reason, remark, platform_id, owners, due_at, due_boot, due_up, look_up,
        array_cap, attempts, settled_at, worker, lease_boot, lease_up)
    SELECT old.id, estate.id, '', '', old.origin, salutation, first_name, last_name,
        region, calling_code, national, extension, e164, folded, submitted_at, task, target,
        state,
        CASE WHEN reason IS NOT NULL THEN iif(json_valid(reason) AND json_type(reason) = 'object',
            reason, json_object('code', 'quoted', 'words', reason)) END,
        CASE WHEN remark IS NOT NULL THEN iif(json_valid(remark) AND json_type(remark) = 'object',
            remark, json_object('code', 'quoted', 'words', remark)) END,
        platform_id, owners, due_at, due_boot, due_up, look_up,
        array_cap, attempts,
        CASE WHEN state NOT IN ('queued', 'sending', 'unclear')
            THEN coalesce(settled_at, submitted_at) END,
        worker, lease_boot, lease_up
    FROM old_outbox AS old JOIN estate ON estate.profile = old.profile ORDER BY old.id;
INSERT INTO attempt (submission, number, verb, started_at, ended_at, outcome)
    SELECT submission, number, verb, started_at, ended_at, outcome FROM old_attempt;
INSERT INTO tally (estate, state, origin, count)
    SELECT estate, state, origin, count(*) FROM outbox GROUP BY estate, state, origin;
INSERT INTO request (id, origin, account, class, boot, taken_up, taken_at, over_up, over_at)
    SELECT id, '', account, class, boot, taken_up, taken_at, over_up, over_at FROM old_request;
INSERT INTO hold (origin, account, boot, until_up, until_at)
    SELECT '', account, boot, until_up, until_at FROM old_hold;
INSERT INTO directory (estate, id, salutation, first_name, last_name, full_name, folded, e164,
        extension, active, created_at, created_by, seen_at)
    SELECT estate.id, old.id, salutation, first_name, last_name, full_name, folded, e164,
        extension, active, created_at, created_by, seen_at
    FROM old_directory AS old JOIN estate ON estate.profile = old.profile;
INSERT INTO memory (estate, key, value, written_at)
    SELECT estate.id, key, value, CAST(1000 * unixepoch('subsec') AS INTEGER)
    FROM old_memory AS old JOIN estate ON estate.profile = old.profile;

DROP TABLE old_outbox;
DROP TABLE old_attempt;
DROP TABLE old_request;
DROP TABLE old_hold;
DROP TABLE old_directory;
DROP TABLE old_memory;
