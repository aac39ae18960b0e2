-- What a seat may do: these functions and nothing else. They know the caller by the role that
-- connected (session_user) and by its seat id, which the first role to use it owns.
-- Each is one statement for its client: no lock waits for a client's next word.

-- Lets a caller in, or says why not. RD001 closed, RD002 too old, RD003 not theirs (with what
-- its owner may do about it), RD004 nobody sends for the account yet, RD005 which account.
CREATE OR REPLACE FUNCTION rolodesk.enter(the_account text, the_seat text, client bigint)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
DECLARE
    g gate%ROWTYPE;
    own text := the_account;
    known seat%ROWTYPE;
    accounts bigint;
    v bigint;
BEGIN
    SELECT * INTO g FROM gate;
    IF g.closed IS NOT NULL THEN
        RAISE EXCEPTION '%', g.closed USING ERRCODE = 'RD001';
    END IF;
    IF client < g.min_client THEN
        RAISE EXCEPTION '%', g.min_client USING ERRCODE = 'RD002';
    END IF;
    IF own = '' THEN
        SELECT count(*), min(a.account) INTO accounts, own FROM account AS a WHERE a.proven;
        IF accounts = 0 THEN
            SELECT count(*), min(a.account) INTO accounts, own FROM account AS a;
        END IF;
        IF accounts > 1 THEN
            RAISE EXCEPTION '%', accounts USING ERRCODE = 'RD005';
        END IF;
    END IF;
    IF own IS NULL OR NOT EXISTS (SELECT FROM account AS a WHERE a.account = own) THEN
        RAISE EXCEPTION 'no account' USING ERRCODE = 'RD004';
    END IF;
    SELECT * INTO known FROM seat AS s WHERE s.seat = the_seat;
    IF NOT FOUND THEN
        INSERT INTO seat (seat, role, account, seen_at)
        VALUES (the_seat, session_user, own, now_ms()) ON CONFLICT (seat) DO NOTHING;
        SELECT * INTO known FROM seat AS s WHERE s.seat = the_seat;
    END IF;
    IF known.role <> session_user::text COLLATE "C" THEN
        -- Whoever only knows of a store is not it; its owner may say that it has another role now.
        RAISE EXCEPTION '%', format('UPDATE rolodesk.seat SET role = %L WHERE seat = %L',
            session_user, the_seat) USING ERRCODE = 'RD003';
    END IF;
    -- Who names no account follows from a mistyped one to that which turned out to be right, and
    -- so does what surely was not sent.
    IF the_account = '' AND known.account <> own THEN
        UPDATE account AS a SET version = a.version + 1 WHERE a.account = own RETURNING a.version INTO v;
        UPDATE handed AS h SET account = own, fence = 0, said = 0, changed = v
        FROM account AS a
        WHERE h.seat = the_seat AND h.account = known.account AND a.account = h.account
          AND NOT a.proven AND h.state NOT IN ('sending', 'unclear');
        UPDATE seat AS s SET account = own WHERE s.seat = the_seat;
    END IF;
    RETURN own;
END $$;

CREATE OR REPLACE FUNCTION rolodesk.look_at_gate()
RETURNS TABLE (store text, version bigint, min_client bigint, closed text, now_ms bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
    SELECT g.store, g.version, g.min_client, g.closed, now_ms() FROM gate AS g
$$;

-- How the account stands: who sends, what is against it, and what is left of the minute.
CREATE OR REPLACE FUNCTION rolodesk.standing(the_account text, the_seat text, client bigint)
RETURNS TABLE (account text, agent text, machine text, trouble text, hold_ms bigint,
               per_minute bigint, used bigint, frees_ms bigint, version bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := enter(the_account, the_seat, client);
    now bigint := now_ms();
BEGIN
    RETURN QUERY
    SELECT own, sends.agent, sends.machine, a.trouble, greatest(a.hold_until - now, 0),
           a.minute_limit, spent.used, greatest(spent.frees, 0), a.version
    FROM account AS a
    LEFT JOIN LATERAL (SELECT a.sender_agent AS agent, a.sender_machine AS machine
        WHERE a.sender IS NOT NULL AND a.lease_until > now) AS sends ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS used, min(coalesce(s.over_at, s.taken_at + 60000)) + 60000 - now AS frees
        FROM slot AS s
        WHERE s.account = own AND s.taken_at > now - 660000
          AND coalesce(s.over_at, s.taken_at + 60000) > now - 60000) AS spent
    WHERE a.account = own;
END $$;

-- Takes rows over, each at its revision. A row that is being sent stays as it is.
CREATE OR REPLACE FUNCTION rolodesk.hand_over(the_account text, the_seat text, client bigint, given text)
RETURNS TABLE (id text, fate text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := enter(the_account, the_seat, client);
    v bigint;
BEGIN
    UPDATE account AS a SET version = a.version + 1 WHERE a.account = own RETURNING a.version INTO v;
    IF EXISTS (SELECT FROM json_to_recordset(given::json) AS r(id text)
               WHERE r.id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' OR r.id IS NULL) THEN
        RAISE EXCEPTION 'a row has no id' USING ERRCODE = '22023';
    END IF;
    IF EXISTS (SELECT FROM json_to_recordset(given::json) AS r(id text)
               JOIN handed AS h ON h.id = r.id WHERE h.seat <> the_seat OR h.account <> own) THEN
        RAISE EXCEPTION 'not yours' USING ERRCODE = 'RD007';
    END IF;
    RETURN QUERY
    WITH r AS MATERIALIZED (
        SELECT * FROM json_to_recordset(given::json) AS r(id text, revision bigint, agent text,
            machine text, e164 text, lane text, state text, due_at bigint, document text)),
    old AS MATERIALIZED (
        SELECT h.id, h.revision FROM handed AS h JOIN r ON r.id = h.id),
    put AS (
        INSERT INTO handed AS h (id, account, seat, revision, agent, machine, e164, lane, state,
                                 due_at, document, handed_at, changed)
        SELECT r.id, own, the_seat, r.revision, left(r.agent, 200), left(r.machine, 200),
               left(r.e164, 40), r.lane, r.state,
               r.due_at, r.document, now_ms(), v FROM r
        ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, agent = excluded.agent,
            machine = excluded.machine, e164 = excluded.e164, lane = excluded.lane,
            state = excluded.state, due_at = excluded.due_at, document = excluded.document,
            fence = 0, said = 0, look_up = false, sent_at = NULL, changed = v
        WHERE h.revision < excluded.revision AND h.state <> 'sending'
        RETURNING h.id)
    SELECT r.id, CASE WHEN put.id IS NOT NULL THEN 'taken'
                      WHEN old.revision >= r.revision THEN 'known' ELSE 'late' END
    FROM r LEFT JOIN put ON put.id = r.id LEFT JOIN old ON old.id = r.id;
END $$;

-- What became of the seat's rows after a point: whole versions, so that none is cut in two.
CREATE OR REPLACE FUNCTION rolodesk.mirror(the_account text, the_seat text, client bigint, after bigint)
RETURNS TABLE (id text, revision bigint, agent text, machine text, e164 text, lane text,
               state text, due_at bigint, document text, changed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := enter(the_account, the_seat, client);
    upto bigint;
BEGIN
    SELECT max(p.changed) INTO upto FROM (
        SELECT h.changed FROM handed AS h
        WHERE h.account = own AND h.seat = the_seat AND h.changed > after
        ORDER BY h.changed, h.id LIMIT 500) AS p;
    RETURN QUERY
    SELECT h.id, h.revision, h.agent, h.machine, h.e164, h.lane, h.state, h.due_at, h.document, h.changed
    FROM handed AS h
    WHERE h.account = own AND h.seat = the_seat AND h.changed > after AND h.changed <= upto
    ORDER BY h.changed, h.id;
END $$;

-- The seat's rows by id; what is missing in the answer is not there.
CREATE OR REPLACE FUNCTION rolodesk.ask(the_account text, the_seat text, client bigint, ids text)
RETURNS TABLE (id text, revision bigint, agent text, machine text, e164 text, lane text,
               state text, due_at bigint, document text, changed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := enter(the_account, the_seat, client);
BEGIN
    -- Of any account: one that it left may still be told of.
    RETURN QUERY
    SELECT h.id, h.revision, h.agent, h.machine, h.e164, h.lane, h.state, h.due_at, h.document, h.changed
    FROM handed AS h
    WHERE h.seat = the_seat
      AND h.id IN (SELECT json_array_elements_text(ids::json) COLLATE "C")
    ORDER BY h.changed, h.id;
END $$;

-- Takes a row back before it is sent or settled: done, late or unknown.
CREATE OR REPLACE FUNCTION rolodesk.withdraw(the_account text, the_seat text, client bigint,
                                             the_row text, at_revision bigint)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
DECLARE
    own text := enter(the_account, the_seat, client);
    v bigint;
    stands text;
BEGIN
    UPDATE account AS a SET version = a.version + 1 WHERE a.account = own RETURNING a.version INTO v;
    SELECT h.state INTO stands FROM handed AS h
    WHERE h.id = the_row AND h.account = own AND h.seat = the_seat AND h.revision <= at_revision;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    IF stands NOT IN ('queued', 'unclear', 'withdrawn') THEN
        RETURN 'late';
    END IF;
    UPDATE handed AS h SET state = 'withdrawn', changed = v WHERE h.id = the_row;
    RETURN 'done';
END $$;

-- What the floor knows of numbers: the directory's contact, and who of the colleagues has it.
CREATE OR REPLACE FUNCTION rolodesk.known(the_account text, the_seat text, client bigint, numbers text)
RETURNS TABLE (e164 text, record text, agent text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolodesk, pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    own text := enter(the_account, the_seat, client);
BEGIN
    RETURN QUERY
    WITH n AS (SELECT json_array_elements_text(numbers::json) COLLATE "C" AS e164)
    SELECT n.e164, d.record, NULL::text, NULL::text
    FROM n JOIN directory AS d ON d.account = own AND d.e164 = n.e164
    UNION ALL
    SELECT n.e164, NULL::text, c.agent, c.state
    FROM n CROSS JOIN LATERAL (
        SELECT h.agent, h.state FROM handed AS h
        WHERE h.account = own AND h.e164 = n.e164 AND h.seat <> the_seat AND h.lane <> 'change'
          AND h.state IN ('queued', 'sending', 'unclear', 'created')
        ORDER BY h.id LIMIT 1) AS c;
END $$;

CREATE OR REPLACE FUNCTION rolodesk.attend(the_account text, the_seat text, client bigint,
                                           who text, place text, program text, sends boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = rolodesk, pg_catalog, pg_temp AS $$
DECLARE
    own text := enter(the_account, the_seat, client);
BEGIN
    UPDATE seat AS s SET agent = left(who, 200), machine = left(place, 200),
        client = left(program, 40), may_send = sends,
        account = own, seen_at = now_ms() WHERE s.seat = the_seat;
END $$;
