-- PUBLIC has nothing. A seat may call the seat's functions, a sender those and its own; nobody
-- but the owner touches a table.
REVOKE ALL ON ALL TABLES IN SCHEMA rolodesk FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA rolodesk FROM PUBLIC;
DO $$
DECLARE
    role text;
    name text;
    seats text[] := ARRAY['look_at_gate', 'hand_over', 'mirror', 'ask', 'withdraw', 'known', 'attend',
                          'standing'];
    senders text[] := ARRAY['bid', 'give_back', 'spent', 'waits', 'adopt', 'begin_request',
                            'finish_request', 'tell', 'learn', 'read_directory', 'everybody',
                            'created_with', 'see_platform', 'sending_for',
                            'count_requests'];
BEGIN
    FOREACH role IN ARRAY ARRAY['rolodesk_seat', 'rolodesk_sender'] LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role);
        EXECUTE format('GRANT USAGE ON SCHEMA rolodesk TO %I', role);
        FOREACH name IN ARRAY seats LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION rolodesk.%I TO %I', name, role);
        END LOOP;
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rolodesk_sender') THEN
        FOREACH name IN ARRAY senders LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION rolodesk.%I TO rolodesk_sender', name);
        END LOOP;
    END IF;
END $$;
