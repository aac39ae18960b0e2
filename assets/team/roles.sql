-- Who may do what. Needs the right to make roles, once; where it is missing, the roles are
-- left to an administrator and this is run again behind them.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['rolodesk_seat', 'rolodesk_sender'] LOOP
        -- Another database of this server may be set up at this moment, in the same words.
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I LOGIN', name);
            END IF;
            -- A limit belongs on the role: no client's fault may hold the floor's lock.
            EXECUTE format('ALTER ROLE %I SET statement_timeout = ''5s''', name);
            EXECUTE format('ALTER ROLE %I SET lock_timeout = ''3s''', name);
            EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''5s''', name);
            EXECUTE format('ALTER ROLE %I SET default_transaction_isolation = ''read committed''', name);
            EXECUTE format('ALTER ROLE %I SET search_path = pg_catalog', name);
            EXECUTE format('ALTER ROLE %I SET tcp_keepalives_idle = 5', name);
            EXECUTE format('ALTER ROLE %I SET tcp_keepalives_interval = 2', name);
            EXECUTE format('ALTER ROLE %I SET tcp_keepalives_count = 3', name);
            EXECUTE format('ALTER ROLE %I SET tcp_user_timeout = ''10s''', name);
        EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN
            NULL;
        END;
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'rolodesk_roles_missing';
END $$;
