-- What whoever sends may do, beside all that a seat may. Each takes the account's lock first
-- and reads the clock behind it: read in front of it, it would be as old as the wait.

-- Whether the lease is the caller's for that much longer. RD006: it is not.
CREATE OR REPLACE FUNCTION rolodesk.hold_lease(the_account text, the_fence bigint, margin bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
DECLARE
    a account%ROWTYPE;
    now bigint;
BEGIN
    SELECT * INTO a FROM account AS x WHERE x.account = the_account FOR NO KEY UPDATE;
    now := now_ms();
    IF NOT FOUND OR a.fence <> the_fence OR a.lease_until <= now + margin THEN
        RAISE EXCEPTION 'not ours' USING ERRCODE = 'RD006';
    END IF;
    RETURN now;
END $$;

-- Asks for the lease, or for 20 s more of it. Somebody with a higher priority who asks is the
-- rival: whoever has the lease then gets no more of it, and it is kept for the rival.
CREATE OR REPLACE FUNCTION rolodesk.bid(the_account text, process text, bidder bigint, who text,
                                        place text, most bigint, client bigint)
RETURNS TABLE (won boolean, fence bigint, lease_ms bigint, agent text, machine text, since bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    a account%ROWTYPE;
    g gate%ROWTYPE;
    now bigint;
    is_ours boolean;
    has_rival boolean;
BEGIN
    SELECT * INTO g FROM gate;
    IF g.closed IS NOT NULL THEN
        RAISE EXCEPTION '%', g.closed USING ERRCODE = 'RD001';
    END IF;
    IF client < g.min_client THEN
        RAISE EXCEPTION '%', g.min_client USING ERRCODE = 'RD002';
    END IF;
    INSERT INTO account (account) VALUES (the_account) ON CONFLICT DO NOTHING;
    SELECT * INTO a FROM account AS x WHERE x.account = the_account FOR NO KEY UPDATE;
    now := now_ms();
    is_ours := a.sender IS NOT DISTINCT FROM process;
    has_rival := a.rival IS DISTINCT FROM process AND a.rival_until > now AND a.rival_priority > bidder;
    IF has_rival OR NOT (is_ours OR a.sender IS NULL OR a.lease_until <= now) THEN
        IF NOT has_rival AND bidder > a.priority THEN
            UPDATE account AS x SET rival = process, rival_priority = bidder, rival_until = now + 15000
            WHERE x.account = the_account;
        END IF;
        RETURN QUERY SELECT false, a.fence, greatest(a.lease_until - now, 0), a.sender_agent,
                            a.sender_machine, a.sender_since;
        RETURN;
    END IF;
    UPDATE account AS x SET fence = x.fence + CASE WHEN is_ours THEN 0 ELSE 1 END, sender = process,
        sender_agent = who, sender_machine = place, priority = bidder, lease_until = now + 20000,
        sender_since = CASE WHEN is_ours THEN x.sender_since ELSE now END, minute_limit = most,
        rival = NULL, rival_priority = 0, rival_until = 0
    WHERE x.account = the_account RETURNING x.fence INTO a.fence;
    -- What the last minute and hour do not ask for any more.
    DELETE FROM slot AS s WHERE s.account = the_account AND s.taken_at < now - 7200000;
    -- What the owner does not want kept goes a piece at a time, so that nobody waits for it.
    IF g.keep_days IS NOT NULL AND a.forgot_at < now - 600000 THEN
        UPDATE account AS x SET forgot_at = now WHERE x.account = the_account;
        DELETE FROM handed AS h WHERE h.id IN (
            SELECT o.id FROM handed AS o
            WHERE o.account = the_account AND o.state NOT IN ('queued', 'sending', 'unclear')
              AND coalesce(o.told_at, o.handed_at) < now - g.keep_days * 86400000
            ORDER BY o.id LIMIT 2000);
    END IF;
    RETURN QUERY SELECT true, a.fence, 20000::bigint, who, place,
                        CASE WHEN is_ours THEN a.sender_since ELSE now END;
END $$;

CREATE OR REPLACE FUNCTION rolodesk.give_back(the_account text, process text, the_fence bigint)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
    UPDATE account AS x SET sender = NULL, lease_until = 0
    WHERE x.account = the_account AND x.sender = process AND x.fence = the_fence
$$;

-- Counts the requests that whoever sends made by itself before it joined, by how long ago each
-- began and was over: they are the account's as well.
CREATE OR REPLACE FUNCTION rolodesk.count_requests(the_account text, ages text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
DECLARE
    now bigint;
BEGIN
    PERFORM FROM account AS a WHERE a.account = the_account FOR NO KEY UPDATE;
    now := now_ms();
    INSERT INTO slot (account, fence, class, taken_at, over_at)
    SELECT the_account, 0, 'bulk', now - r.age, now - r.over_age
    FROM json_to_recordset(ages::json) AS r(age bigint, over_age bigint);
END $$;

-- What of the limit is used: the requests of the last while, by their ages.
CREATE OR REPLACE FUNCTION rolodesk.spent(the_account text, the_window bigint)
RETURNS TABLE (class text, age bigint, over_age bigint, refused boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    now bigint := now_ms();
BEGIN
    RETURN QUERY SELECT s.class, now - s.taken_at, now - s.over_at, s.refused FROM slot AS s
    WHERE s.account = the_account AND s.taken_at > now - the_window - 600000
      AND coalesce(s.over_at, s.taken_at + 60000) > now - the_window
    ORDER BY s.taken_at;
END $$;

CREATE OR REPLACE FUNCTION rolodesk.waits(the_account text)
RETURNS TABLE (now_ms bigint, hold_until bigint, refusal text)
LANGUAGE sql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
    SELECT now_ms(), a.hold_until, a.refusal FROM account AS a WHERE a.account = the_account
$$;

-- Takes rows of all seats that are due and that this sender has not yet: forms and changes
-- before imports, imports one of each seat in turn. Settled ones of which more may be said once
-- the list was read are among them.
CREATE OR REPLACE FUNCTION rolodesk.adopt(the_account text, the_fence bigint, most bigint)
RETURNS TABLE (id text, revision bigint, agent text, machine text, e164 text, lane text,
               state text, due_at bigint, document text, seat text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    now bigint := now_ms();
BEGIN
    -- Asked four times a second: with nothing to do it takes no lock.
    IF EXISTS (SELECT FROM account AS a WHERE a.account = the_account AND a.fence = the_fence
                  AND a.lease_until > now)
       AND NOT EXISTS (SELECT FROM handed AS h WHERE h.account = the_account
                  AND h.state IN ('queued', 'unclear', 'sending')
                  AND h.fence <> the_fence AND h.due_at <= now)
       AND NOT EXISTS (SELECT FROM handed AS h WHERE h.account = the_account
                  AND h.look_up AND h.fence <> the_fence) THEN
        RETURN;
    END IF;
    now := hold_lease(the_account, the_fence, 0);
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT h.id, h.lane, h.seat FROM handed AS h
        WHERE h.account = the_account AND h.state IN ('queued', 'unclear', 'sending')
          AND h.fence <> the_fence AND h.due_at <= now
        UNION
        SELECT h.id, h.lane, h.seat FROM handed AS h
        WHERE h.account = the_account AND h.look_up AND h.fence <> the_fence),
    fair AS (
        SELECT d.id, d.lane, row_number() OVER (PARTITION BY d.lane = 'import', d.seat ORDER BY d.id) AS turn
        FROM due AS d),
    pick AS MATERIALIZED (
        SELECT f.id FROM fair AS f
        ORDER BY f.lane = 'import', CASE WHEN f.lane = 'import' THEN f.turn ELSE 0 END, f.id
        LIMIT most),
    taken AS (
        UPDATE handed AS h SET fence = the_fence, said = 0 FROM pick WHERE h.id = pick.id RETURNING h.*)
    SELECT t.id, t.revision, t.agent, t.machine, t.e164, t.lane, t.state, t.due_at, t.document, t.seat
    FROM taken AS t ORDER BY t.lane = 'import', t.id;
END $$;

-- For how long requests for rows may have been under way of which nobody was told.
CREATE OR REPLACE FUNCTION rolodesk.sending_for(the_account text, ids text)
RETURNS TABLE (id text, age bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    now bigint := now_ms();
BEGIN
    RETURN QUERY SELECT h.id, now - h.sent_at FROM handed AS h
    WHERE h.account = the_account AND h.sent_at IS NOT NULL
      AND h.id IN (SELECT json_array_elements_text(ids::json) COLLATE "C");
END $$;

-- The contacts that are on the platform by rows with these numbers, whoever sent them: no other
-- row is one of them, and who entered one is told to a colleague who enters it again.
CREATE OR REPLACE FUNCTION rolodesk.created_with(the_account text, the_fence bigint, numbers text)
RETURNS TABLE (id text, revision bigint, agent text, machine text, e164 text, lane text,
               state text, due_at bigint, document text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM hold_lease(the_account, the_fence, 0);
    RETURN QUERY
    SELECT h.id, h.revision, h.agent, h.machine, h.e164, h.lane, h.state, h.due_at, h.document
    FROM (SELECT DISTINCT json_array_elements_text(numbers::json) COLLATE "C" AS e164) AS n
    CROSS JOIN LATERAL (
        SELECT * FROM handed AS o
        WHERE o.account = the_account AND o.e164 = n.e164 AND o.state = 'created'
        ORDER BY o.id LIMIT 20) AS h;
END $$;

-- Right before a request (which ends within minutes, so that older slots need not be looked
-- at): its slot, and its rows marked as being sent. One row comes back:
-- go with the slot; full with how long to wait; withdrawn with the rows that are not ours any
-- more to send.
CREATE OR REPLACE FUNCTION rolodesk.begin_request(the_account text, the_fence bigint, the_class text,
    per_minute bigint, per_hour bigint, rows_of text)
RETURNS TABLE (word text, slot bigint, wait_ms bigint, ids text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    now bigint := hold_lease(the_account, the_fence, 11000);
    shut text;
    gone text;
    used bigint;
    frees bigint;
    v bigint;
    taken bigint;
BEGIN
    SELECT g.closed INTO shut FROM gate AS g;
    IF shut IS NOT NULL THEN
        RAISE EXCEPTION '%', shut USING ERRCODE = 'RD001';
    END IF;
    SELECT json_agg(r.id)::text INTO gone
    FROM json_to_recordset(rows_of::json) AS r(id text, revision bigint, said bigint)
    WHERE NOT EXISTS (SELECT FROM handed AS h WHERE h.id = r.id COLLATE "C" AND h.account = the_account
        AND h.revision = r.revision AND h.fence = the_fence AND h.state <> 'withdrawn'
        AND h.said < coalesce(r.said, h.said + 1));
    IF gone IS NOT NULL THEN
        RETURN QUERY SELECT 'withdrawn', NULL::bigint, NULL::bigint, gone;
        RETURN;
    END IF;
    SELECT a.hold_until - now INTO frees FROM account AS a WHERE a.account = the_account;
    IF frees > 0 THEN
        RETURN QUERY SELECT 'full', NULL::bigint, frees, NULL::text;
        RETURN;
    END IF;
    SELECT count(*), min(coalesce(s.over_at, s.taken_at + 60000)) + 60000 - now INTO used, frees
    FROM slot AS s
    WHERE s.account = the_account AND s.taken_at > now - 660000
      AND coalesce(s.over_at, s.taken_at + 60000) > now - 60000;
    IF used >= per_minute THEN
        RETURN QUERY SELECT 'full', NULL::bigint, greatest(frees, 1), NULL::text;
        RETURN;
    END IF;
    IF per_hour > 0 THEN
        SELECT count(*), min(coalesce(s.over_at, s.taken_at + 60000)) + 3600000 - now INTO used, frees
        FROM slot AS s
        WHERE s.account = the_account AND s.taken_at > now - 4200000
          AND coalesce(s.over_at, s.taken_at + 60000) > now - 3600000;
        IF used >= per_hour THEN
            RETURN QUERY SELECT 'full', NULL::bigint, greatest(frees, 1), NULL::text;
            RETURN;
        END IF;
    END IF;
    INSERT INTO slot (account, fence, class, taken_at) VALUES (the_account, the_fence, the_class, now)
    RETURNING slot.id INTO taken;
    UPDATE account AS a SET version = a.version + 1 WHERE a.account = the_account RETURNING a.version INTO v;
    UPDATE handed AS h SET state = 'sending', look_up = false, said = coalesce(r.said, h.said),
        sent_at = coalesce(h.sent_at, now), changed = v
    FROM json_to_recordset(rows_of::json) AS r(id text, said bigint) WHERE h.id = r.id COLLATE "C";
    RETURN QUERY SELECT 'go', taken, NULL::bigint, NULL::text;
END $$;

-- A request is over. It needs no lease: what was sent was sent.
CREATE OR REPLACE FUNCTION rolodesk.finish_request(the_account text, the_slot bigint, is_refused boolean,
    hold_ms bigint, refusal_of text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
DECLARE
    now bigint;
BEGIN
    PERFORM FROM account AS a WHERE a.account = the_account FOR NO KEY UPDATE;
    now := now_ms();
    UPDATE slot AS s SET over_at = coalesce(s.over_at, now), refused = s.refused OR is_refused
    WHERE s.id = the_slot AND s.account = the_account;
    UPDATE account AS a SET hold_until = greatest(a.hold_until, now + hold_ms),
        refusal = coalesce(refusal_of, a.refusal)
    WHERE a.account = the_account AND (hold_ms > 0 OR refusal_of IS NOT NULL);
END $$;

-- How the platform is, as whoever sends sees it: nothing against it, or what there is.
CREATE OR REPLACE FUNCTION rolodesk.see_platform(the_account text, the_fence bigint, trouble_of text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
    UPDATE account AS x SET trouble = trouble_of, proven = x.proven OR trouble_of IS NULL
    WHERE x.account = the_account AND x.fence = the_fence
$$;

-- What became of rows. Only who has a row may say so, but that it was created is true whoever
-- says it; a row that its agent changed meanwhile stays as the agent has it.
CREATE OR REPLACE FUNCTION rolodesk.tell(the_account text, the_fence bigint, told text)
RETURNS TABLE (id text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v bigint;
    now bigint;
BEGIN
    UPDATE account AS a SET version = a.version + 1 WHERE a.account = the_account RETURNING a.version INTO v;
    now := now_ms();
    RETURN QUERY
    UPDATE handed AS h SET state = r.state, due_at = r.due_at, document = r.document, told_at = now,
        look_up = coalesce(r.look_up, false), said = greatest(h.said, r.said), sent_at = NULL,
        changed = v
    FROM json_to_recordset(told::json) AS r(id text, revision bigint, state text, due_at bigint,
        document text, look_up boolean, said bigint)
    WHERE h.id = r.id COLLATE "C" AND h.account = the_account AND h.revision = r.revision
      AND h.state <> 'withdrawn'
      AND ((h.fence = the_fence AND h.said < coalesce(r.said, h.said + 1))
           OR (r.state = 'created' AND h.state <> 'created'))
    RETURNING h.id;
END $$;

-- The directory as a sender read it: records laid over each other by their keys.
CREATE OR REPLACE FUNCTION rolodesk.learn(the_account text, the_fence bigint, records text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v bigint;
BEGIN
    PERFORM hold_lease(the_account, the_fence, 0);
    UPDATE account AS a SET version = a.version + 1 WHERE a.account = the_account RETURNING a.version INTO v;
    INSERT INTO directory AS d (account, key, e164, record, changed)
    SELECT DISTINCT ON (r.key) the_account, r.key, coalesce(r.e164, ''), r.record, v
    FROM json_to_recordset(records::json) AS r(key text, e164 text, record text)
    WHERE r.record IS NOT NULL
    ON CONFLICT (account, key) DO UPDATE
    SET e164 = excluded.e164, record = excluded.record, changed = excluded.changed
    WHERE d.record IS DISTINCT FROM excluded.record OR d.e164 IS DISTINCT FROM excluded.e164;
    DELETE FROM directory AS d USING json_to_recordset(records::json) AS r(key text, record text)
    WHERE d.account = the_account AND d.key = r.key COLLATE "C" AND r.record IS NULL;
END $$;

CREATE OR REPLACE FUNCTION rolodesk.read_directory(the_account text, after text, most bigint)
RETURNS TABLE (key text, e164 text, record text)
LANGUAGE sql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
    SELECT d.key, d.e164, d.record FROM directory AS d
    WHERE d.account = the_account AND d.key > after COLLATE "C" ORDER BY d.key LIMIT most
$$;

-- Everybody's rows, newest first: those before a row or, with onward, those from a row on. For
-- a supervisor; whoever sends reads them anyway. What is searched for is a part of a name, or
-- of a number.
CREATE OR REPLACE FUNCTION rolodesk.everybody(the_account text, the_seat text, client bigint,
    before text, onward text, name text, digits text, most bigint)
RETURNS TABLE (id text, revision bigint, agent text, machine text, e164 text, lane text,
               state text, due_at bigint, document text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := enter(the_account, the_seat, client);
    -- Read as text: a document may say what the server takes for no JSON of its own.
    folded text := '"folded":\s*"((?:[^"\\]|\\.)*)"';
BEGIN
    IF onward IS NULL THEN
        RETURN QUERY
        SELECT h.id, h.revision, h.agent, h.machine, h.e164, h.lane, h.state, h.due_at, h.document
        FROM handed AS h
        WHERE h.account = own AND h.id < before COLLATE "C" AND h.state <> 'withdrawn'
          AND (name = '' OR position(name IN substring(h.document FROM folded)) > 0
               OR (digits <> '' AND position(digits IN h.e164) > 0))
        ORDER BY h.id DESC LIMIT most;
    ELSE
        RETURN QUERY
        SELECT * FROM (
            SELECT h.id, h.revision, h.agent, h.machine, h.e164, h.lane, h.state, h.due_at, h.document
            FROM handed AS h
            WHERE h.account = own AND h.id >= onward COLLATE "C" AND h.state <> 'withdrawn'
              AND (name = '' OR position(name IN substring(h.document FROM folded)) > 0
               OR (digits <> '' AND position(digits IN h.e164) > 0))
            ORDER BY h.id LIMIT most) AS p
        ORDER BY p.id DESC;
    END IF;
END $$;
