-- Before the tables of version 2 are carried over: they took a value of any kind in any
-- column, and those of now do not. What can be read of a row is kept; one that does not tell
-- whom it is about, or how often it was sent, is set aside as damaged.
UPDATE old_outbox SET id = 'damaged-' || hex(id)
    WHERE typeof(id) <> 'text' OR id GLOB '*[^0-9A-Za-z-]*';
UPDATE old_outbox SET
        state = iif(typeof(profile) || typeof(origin) || typeof(salutation) || typeof(first_name)
            || typeof(last_name) || typeof(national) || typeof(extension) || typeof(e164)
            || typeof(folded) || typeof(state) || typeof(task) = replace(hex(zeroblob(11)), '00', 'text')
            AND typeof(calling_code) = 'integer' AND typeof(submitted_at) IN ('integer', 'real')
            AND typeof(attempts) = 'integer', state, 'damaged'),
        profile = CAST(profile AS TEXT), origin = CAST(origin AS TEXT),
        salutation = CAST(salutation AS TEXT), first_name = CAST(first_name AS TEXT),
        last_name = CAST(last_name AS TEXT), region = CAST(region AS TEXT),
        calling_code = CAST(calling_code AS INTEGER), national = CAST(national AS TEXT),
        extension = CAST(extension AS TEXT), e164 = CAST(e164 AS TEXT),
        folded = CAST(folded AS TEXT), submitted_at = CAST(submitted_at AS INTEGER),
        task = CAST(task AS TEXT), target = CAST(target AS TEXT), reason = CAST(reason AS TEXT),
        platform_id = CAST(platform_id AS TEXT), owners = CAST(owners AS TEXT),
        remark = CAST(remark AS TEXT), worker = CAST(worker AS TEXT),
        due_at = CAST(due_at AS INTEGER), due_up = CAST(due_up AS INTEGER),
        look_up = CAST(look_up AS INTEGER), attempts = CAST(attempts AS INTEGER),
        lease_up = CAST(lease_up AS INTEGER),
        array_cap = iif(typeof(array_cap) = 'integer', array_cap, NULL),
        settled_at = iif(typeof(settled_at) = 'integer', settled_at, NULL)
    WHERE typeof(calling_code) || typeof(submitted_at) || typeof(due_at) || typeof(due_up)
            || typeof(look_up) || typeof(attempts) || typeof(lease_up)
            <> replace(hex(zeroblob(7)), '00', 'integer')
        OR typeof(array_cap) NOT IN ('integer', 'null')
        OR typeof(settled_at) NOT IN ('integer', 'null')
        OR 'blob' IN (typeof(profile), typeof(origin), typeof(salutation), typeof(first_name),
            typeof(last_name), typeof(region), typeof(national), typeof(extension), typeof(e164),
            typeof(folded), typeof(state), typeof(task), typeof(target), typeof(reason),
            typeof(platform_id), typeof(owners), typeof(remark), typeof(worker));

-- That a request was made is never forgotten.
UPDATE old_attempt SET submission = 'damaged-' || hex(submission)
    WHERE typeof(submission) <> 'text' OR submission GLOB '*[^0-9A-Za-z-]*';
UPDATE old_attempt SET
        number = iif(typeof(number) = 'integer', number, 1000000 + rowid),
        verb = CAST(verb AS TEXT), started_at = CAST(started_at AS INTEGER),
        ended_at = CAST(ended_at AS INTEGER), outcome = CAST(outcome AS TEXT)
    WHERE typeof(number) <> 'integer' OR typeof(verb) <> 'text'
        OR typeof(started_at) <> 'integer' OR typeof(ended_at) NOT IN ('integer', 'null')
        OR typeof(outcome) = 'blob';

-- These tell of the last hour, and of what the platform lists again.
DELETE FROM old_request WHERE typeof(account) || typeof(class) <> 'texttext'
    OR typeof(id) || typeof(taken_up) || typeof(taken_at) <> 'integerintegerinteger'
    OR typeof(over_up) NOT IN ('integer', 'null') OR typeof(over_at) NOT IN ('integer', 'null');
DELETE FROM old_hold
    WHERE typeof(account) || typeof(until_up) || typeof(until_at) <> 'textintegerinteger';
DELETE FROM old_directory WHERE typeof(profile) || typeof(id) || typeof(folded) <> 'texttexttext'
    OR typeof(active) || typeof(seen_at) <> 'integerinteger'
    OR typeof(created_at) NOT IN ('integer', 'null')
    OR 'blob' IN (typeof(salutation), typeof(first_name), typeof(last_name), typeof(full_name),
        typeof(e164), typeof(extension), typeof(created_by));
DELETE FROM old_memory WHERE typeof(profile) || typeof(key) || typeof(value) <> 'texttexttext';
