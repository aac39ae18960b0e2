CREATE INDEX CONCURRENTLY IF NOT EXISTS handed_mirror ON rolodesk.handed (account, seat, changed, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS handed_due ON rolodesk.handed (account, seat, id)
    WHERE state IN ('queued', 'unclear', 'sending');
CREATE INDEX CONCURRENTLY IF NOT EXISTS handed_look_up ON rolodesk.handed (account, id) WHERE look_up;
CREATE INDEX CONCURRENTLY IF NOT EXISTS handed_number ON rolodesk.handed (account, e164, state, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS handed_page ON rolodesk.handed (account, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS slot_account ON rolodesk.slot (account, taken_at);
CREATE INDEX CONCURRENTLY IF NOT EXISTS directory_number ON rolodesk.directory (account, e164);
CREATE INDEX CONCURRENTLY IF NOT EXISTS handed_when ON rolodesk.handed (handed_at);
