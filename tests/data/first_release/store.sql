PRAGMA user_version = 0;
PRAGMA application_id = 0;
BEGIN TRANSACTION;
CREATE TABLE attempt (
    submission TEXT   NOT NULL,
    number     BIGINT NOT NULL,               -- 1 for the first
    started_at BIGINT NOT NULL,
    ended_at   BIGINT,
    outcome    TEXT, verb TEXT NOT NULL DEFAULT 'create',                          -- JSON; none while nobody knows
    PRIMARY KEY (submission, number)
);
INSERT INTO "attempt" VALUES('01a215ba-641a-71d8-a8cb-d428fa1fb804',1,1795660866607,1795660866714,'{"kind":"created","record":{"id":"6b079c220000000000000001","salutation":"Mr","first_name":"John","last_name":"Doe","full_name":"John Doe","e164":"+919876543210","extension":"+","active":true,"created_at":null,"created_by":"u-1","answered":[["cellPhone.countryCode","+91"],["cellPhone.extension","+"],["cellPhone.phoneNumber","+919876543210"],["createdBy","u-1"],["firstName","John"],["fullName","John Doe"],["id","6b079c220000000000000001"],["lastName","Doe"],["salutation","Mr"],["status","ACTIVE"]]}}','create');
INSERT INTO "attempt" VALUES('01a215ba-64f6-765c-b646-3df4ca886b95',1,1795660866833,1795660866986,'{"kind":"rejected","reason":"salutation must be Mr or Mrs"}','create');
INSERT INTO "attempt" VALUES('01a215ba-660a-73d1-a7af-ba6ba5cec9f8',1,1795660867123,1795660867284,'{"kind":"duplicate","owner":null,"reason":"phone number already exists"}','create');
INSERT INTO "attempt" VALUES('01a215ba-67e4-74ae-b1e0-2ae96b6d58aa',1,1795660867580,1795660867826,'{"kind":"duplicate","owner":null,"reason":"phone number already exists"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6981-7378-92dd-7a5feb8647fd',1,1795660868030,1795660868117,'{"kind":"duplicate","owner":null,"reason":"phone number already exists"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6ab8-7103-a094-40108b40630d',1,1795660868445,1795660868676,'{"kind":"duplicate","owner":null,"reason":"phone number already exists"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6d0e-7589-9717-5adfc849f817',1,1795660868913,1795660869053,'{"kind":"duplicate","owner":{"id":"b9","name":"Jane Owner"},"reason":"phone number already exists · Jane Owner · b9"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6df6-75fd-8041-db90ad014021',1,1795660869145,1795660869228,'{"kind":"unclear","reason":"the answer was cut short: end of file before message length reached"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6df6-75fd-8041-db90ad014021',2,1795660869690,1795660869697,'{"kind":"unclear","reason":"the answer was cut short: end of file before message length reached"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6df6-75fd-8041-db90ad014021',3,1795660870664,1795660870714,'{"kind":"unclear","reason":"the answer was cut short: end of file before message length reached"}','create');
INSERT INTO "attempt" VALUES('01a215ba-7a75-7060-95d6-91b1786bd76c',1,1795660872358,1795660872583,'{"kind":"failed","retry_after_ms":null,"reason":"HTTP 503: Service Unavailable"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6df6-75fd-8041-db90ad014021',4,1795660872874,1795660872960,'{"kind":"unclear","reason":"the answer was cut short: end of file before message length reached"}','create');
INSERT INTO "attempt" VALUES('01a215ba-7a75-7060-95d6-91b1786bd76c',2,1795660873500,1795660873518,'{"kind":"failed","retry_after_ms":null,"reason":"HTTP 503: Service Unavailable"}','create');
INSERT INTO "attempt" VALUES('01a215ba-6df6-75fd-8041-db90ad014021',5,1795660875569,1795660875854,'{"kind":"unclear","reason":"the answer was cut short: end of file before message length reached"}','create');
INSERT INTO "attempt" VALUES('01a215ba-7a75-7060-95d6-91b1786bd76c',3,1795660875624,1795660875922,'{"kind":"failed","retry_after_ms":null,"reason":"HTTP 503: Service Unavailable"}','create');
INSERT INTO "attempt" VALUES('01a215ba-8720-762e-8fb4-eac286022539',1,1795660876706,1795660876792,'{"kind":"limited","retry_after_ms":null,"reason":"You''ve exceeded the hourly rate limit. Please wait for sometime before retrying."}','create');
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
    seen_at    BIGINT NOT NULL, salutation TEXT, extension TEXT,
    PRIMARY KEY (profile, id)
);
INSERT INTO "directory" VALUES('default','6b079c220000000000000001','John','Doe','John Doe','john doe','+919876543210',1,NULL,'u-1',1795660866714,'Mr','+');
INSERT INTO "directory" VALUES('default','a1','Jane','Roe','Jane Roe','jane roe','+919876543220',1,NULL,NULL,1795660868692,NULL,NULL);
INSERT INTO "directory" VALUES('default','a2','Nina','Same','Nina Same','nina same','+919876543221',1,NULL,NULL,1795660868692,NULL,NULL);
INSERT INTO "directory" VALUES('default','a3','Ina','Ctive','Ina Ctive','ina ctive','+919876543222',0,NULL,NULL,1795660868692,NULL,NULL);
CREATE TABLE hold (
    account    TEXT   NOT NULL PRIMARY KEY,
    boot       BIGINT NOT NULL,
    until_up   BIGINT NOT NULL,
    until_at   BIGINT NOT NULL
);
INSERT INTO "hold" VALUES('acc-1',-2038207527253567267,3303572,1795661176790);
CREATE TABLE memory (
    profile TEXT NOT NULL,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (profile, key)
);
INSERT INTO "memory" VALUES('default','created_by','u-1');
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
, task TEXT NOT NULL DEFAULT 'create', target TEXT);
INSERT INTO "outbox" VALUES('01a215ba-641a-71d8-a8cb-d428fa1fb804','default','form','Mr','John','Doe','IN',91,'9876543210','+','+919876543210','john doe',1795660866586,'created',0,-2038207527253567267,0,NULL,'6b079c220000000000000001',NULL,NULL,0,NULL,1,1795660866714,NULL,-2038207527253567267,3003389,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-64f6-765c-b646-3df4ca886b95','default','form','Mr','Rejected','One','IN',91,'9876543211','+','+919876543211','rejected one',1795660866806,'rejected',0,-2038207527253567267,0,'salutation must be Mr or Mrs',NULL,NULL,NULL,0,NULL,1,1795660866986,NULL,-2038207527253567267,3003615,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-660a-73d1-a7af-ba6ba5cec9f8','default','form','Mr','Taken','Here','IN',91,'9876543220','+','+919876543220','taken here',1795660867082,'duplicate',0,-2038207527253567267,0,NULL,NULL,'[{"id":"a1","name":"Jane Roe"}]',NULL,0,NULL,1,1795660867284,NULL,-2038207527253567267,3003904,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-67e4-74ae-b1e0-2ae96b6d58aa','default','form','Mr','Nina','Same','IN',91,'9876543221','+','+919876543221','nina same',1795660867556,'duplicate',0,-2038207527253567267,0,NULL,NULL,'[{"id":"a2","name":"Nina Same"}]',NULL,0,NULL,1,1795660867826,NULL,-2038207527253567267,3004362,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-6981-7378-92dd-7a5feb8647fd','default','form','Mr','Ina','Other','IN',91,'9876543222','+','+919876543222','ina other',1795660867969,'duplicate',0,-2038207527253567267,0,NULL,NULL,'[{"id":"a3","name":"Ina Ctive"}]','an inactive contact holds the number',0,NULL,1,1795660868117,NULL,-2038207527253567267,3004812,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-6ab8-7103-a094-40108b40630d','default','form','Mr','Nobody','Listed','IN',91,'9876543223','+','+919876543223','nobody listed',1795660868280,'duplicate',0,-2038207527253567267,0,NULL,NULL,'[]','taken, but no list page shows by whom: a deleted contact may hold it',0,NULL,1,1795660868676,NULL,-2038207527253567267,3005226,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-6d0e-7589-9717-5adfc849f817','default','form','Mr','Named','Owner','IN',91,'9876543224','+','+919876543224','named owner',1795660868878,'duplicate',0,-2038207527253567267,0,NULL,NULL,'[{"id":"b9","name":"Jane Owner"}]',NULL,0,NULL,1,1795660869053,NULL,-2038207527253567267,3005694,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-6df6-75fd-8041-db90ad014021','default','form','Mr','Cut','Short','IN',91,'9876543212','+','+919876543212','cut short',1795660869114,'unclear',1795660879935,-2038207527253567267,3006717,'the answer was cut short: end of file before message length reached',NULL,NULL,NULL,0,NULL,5,NULL,NULL,-2038207527253567267,3012351,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-7a75-7060-95d6-91b1786bd76c','default','form','Mr','Fails','Five','IN',91,'9876543213','+','+919876543213','fails five',1795660872309,'queued',1795660877259,-2038207527253567267,3004041,'HTTP 503: Service Unavailable',NULL,NULL,NULL,0,NULL,3,NULL,NULL,-2038207527253567267,3012406,'create',NULL);
INSERT INTO "outbox" VALUES('01a215ba-8720-762e-8fb4-eac286022539','default','form','Mr','Hourly','Limit','IN',91,'9876543214','+','+919876543214','hourly limit',1795660875552,'queued',1795661176790,-2038207527253567267,3303572,'You''ve exceeded the hourly rate limit. Please wait for sometime before retrying.',NULL,NULL,NULL,0,NULL,1,NULL,NULL,-2038207527253567267,3013488,'create',NULL);
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
INSERT INTO "request" VALUES(3821198704829048267,'acc-1','form',-2038207527253567267,2993389,1795660866607,2993486,1795660866704);
INSERT INTO "request" VALUES(7174173784480818508,'acc-1','form',-2038207527253567267,2993615,1795660866833,2993741,1795660866959);
INSERT INTO "request" VALUES(6568750247569596967,'acc-1','form',-2038207527253567267,2993904,1795660867123,2994065,1795660867283);
INSERT INTO "request" VALUES(7940718760654545412,'acc-1','bulk',-2038207527253567267,2994071,1795660867289,2994110,1795660867329);
INSERT INTO "request" VALUES(800363870591165438,'acc-1','form',-2038207527253567267,2994362,1795660867580,2994591,1795660867809);
INSERT INTO "request" VALUES(5145189142161924972,'acc-1','form',-2038207527253567267,2994812,1795660868030,2994896,1795660868115);
INSERT INTO "request" VALUES(2884468824866037785,'acc-1','bulk',-2038207527253567267,2994918,1795660868137,2994928,1795660868146);
INSERT INTO "request" VALUES(3503545128549229139,'acc-1','form',-2038207527253567267,2995226,1795660868445,2995457,1795660868675);
INSERT INTO "request" VALUES(9082719711543010499,'acc-1','bulk',-2038207527253567267,2995465,1795660868683,2995473,1795660868691);
INSERT INTO "request" VALUES(1416910407768515195,'acc-1','form',-2038207527253567267,2995694,1795660868913,2995826,1795660869044);
INSERT INTO "request" VALUES(2045926827680015095,'acc-1','form',-2038207527253567267,2995927,1795660869145,2995996,1795660869214);
INSERT INTO "request" VALUES(4448570100443948693,'acc-1','form',-2038207527253567267,2996471,1795660869690,2996478,1795660869696);
INSERT INTO "request" VALUES(2113374222036476605,'acc-1','form',-2038207527253567267,2997446,1795660870664,2997482,1795660870700);
INSERT INTO "request" VALUES(999323015748494769,'acc-1','form',-2038207527253567267,2999140,1795660872358,2999308,1795660872526);
INSERT INTO "request" VALUES(3731200198175367220,'acc-1','form',-2038207527253567267,2999656,1795660872874,2999741,1795660872959);
INSERT INTO "request" VALUES(4614241785800270868,'acc-1','form',-2038207527253567267,3000281,1795660873500,3000296,1795660873514);
INSERT INTO "request" VALUES(2532261668494059072,'acc-1','form',-2038207527253567267,3002351,1795660875569,3002600,1795660875818);
INSERT INTO "request" VALUES(8104091339301528830,'acc-1','form',-2038207527253567267,3002406,1795660875624,3002691,1795660875909);
INSERT INTO "request" VALUES(6509236852029235460,'acc-1','form',-2038207527253567267,3003488,1795660876706,3003572,1795660876790);
CREATE TABLE rolodesk_schema (version BIGINT NOT NULL);
INSERT INTO "rolodesk_schema" VALUES(2);
CREATE TABLE tally (
    profile TEXT   NOT NULL,
    state   TEXT   NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (profile, state)
);
INSERT INTO "tally" VALUES('default','queued',2);
INSERT INTO "tally" VALUES('default','sending',0);
INSERT INTO "tally" VALUES('default','created',1);
INSERT INTO "tally" VALUES('default','rejected',1);
INSERT INTO "tally" VALUES('default','duplicate',5);
INSERT INTO "tally" VALUES('default','unclear',1);
CREATE INDEX outbox_due ON outbox (profile, state, look_up, origin, id);
CREATE INDEX outbox_waiting ON outbox (profile, state, due_at);
CREATE INDEX request_account ON request (account, taken_at);
CREATE INDEX directory_number ON directory (profile, e164);
CREATE INDEX directory_name ON directory (profile, active, folded, id);
CREATE INDEX outbox_page ON outbox (profile, id, state, folded, e164);
CREATE INDEX outbox_state_page ON outbox (profile, state, id);
CREATE INDEX outbox_number ON outbox (profile, e164, state, id);
CREATE INDEX outbox_change ON outbox (profile, state, id) WHERE task <> 'create';
COMMIT;
