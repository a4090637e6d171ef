-- Units: nano_rho 10^-9 rho; nano_epsilon 10^-9 epsilon; delta 2^-63; until, expiry, now, *_at Unix seconds.
-- Hashes and salts 32 bytes, addresses 20, signatures 65. No amount passes
-- 2^53 - 1, the most a document can hold.

-- All is one statement to goose: in search of semicolons it takes 4 MB for each line.

-- +goose Up
-- +goose StatementBegin
-- What SQLite has and Postgres has not, so that a statement is written once for both: json_each of an
-- array, unhex and zeroblob.
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value JSONB) LANGUAGE sql IMMUTABLE AS $$
    SELECT e.value FROM jsonb_array_elements(CAST(list AS JSONB)) AS e (value)
$$;
CREATE FUNCTION unhex(digits TEXT) RETURNS BYTEA LANGUAGE sql IMMUTABLE AS $$ SELECT decode(digits, 'hex') $$;
CREATE FUNCTION zeroblob(size BIGINT) RETURNS BYTEA LANGUAGE sql IMMUTABLE AS $$ SELECT decode(repeat('00', CAST(size AS INTEGER)), 'hex') $$;

CREATE TABLE log_size (
    one  BIGINT PRIMARY KEY CHECK (one = 1),
    size BIGINT NOT NULL CHECK (size >= 0) -- leaves
);
INSERT INTO log_size (one, size) VALUES (1, 0);

CREATE TABLE log_hashes (
    position BIGINT PRIMARY KEY CHECK (position >= 0), -- in the layout of golang.org/x/mod/sumdb/tlog
    hash     BYTEA NOT NULL CHECK (length(hash) = 32)
);

-- What tells a store that was brought back from a backup, and what was spent.
CREATE TABLE standing (
    one                BIGINT PRIMARY KEY CHECK (one = 1),
    copied             BIGINT NOT NULL CHECK (copied IN (0, 1)), -- it is a copy, and has not been held against the chain since
    used_nano_rho      BIGINT NOT NULL CHECK (used_nano_rho BETWEEN 0 AND 9007199254740991), -- what all charges cost
    used_delta         BIGINT NOT NULL CHECK (used_delta BETWEEN 0 AND 9007199254740991),
    used_nano_epsilon  BIGINT NOT NULL CHECK (used_nano_epsilon BETWEEN 0 AND 9007199254740991),
    unasked_nano_rho   BIGINT NOT NULL CHECK (unasked_nano_rho BETWEEN 0 AND used_nano_rho), -- of it, what those were charged who were never asked
    unasked_delta      BIGINT NOT NULL CHECK (unasked_delta BETWEEN 0 AND used_delta),
    asked_nano_rho     BIGINT NOT NULL CHECK (asked_nano_rho >= 0), -- the greatest allowance that the chain was asked for
    asked_delta        BIGINT NOT NULL CHECK (asked_delta >= 0),
    asked_nano_epsilon BIGINT NOT NULL CHECK (asked_nano_epsilon >= 0),
    asked_size         BIGINT NOT NULL CHECK (asked_size >= 0)
);
INSERT INTO standing (one, copied, used_nano_rho, used_delta, used_nano_epsilon, unasked_nano_rho, unasked_delta, asked_nano_rho, asked_delta, asked_nano_epsilon, asked_size)
VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

-- Leaves that no interval has published yet, oldest first. Those of public
-- documents have a lane of their own and go first: behind the events, when
-- they are published would tell how many events there were.
CREATE TABLE unpublished (
    lane   BIGINT NOT NULL CHECK (lane IN (0, 1)), -- 0 policies and releases, 1 events
    number BIGINT NOT NULL CHECK (number >= 1),
    leaf   BYTEA NOT NULL CHECK (length(leaf) = 32),
    PRIMARY KEY (lane, number)
);

-- Closed intervals of the log; the one of a number ends at 64 * number leaves.
CREATE TABLE intervals (
    number    BIGINT PRIMARY KEY CHECK (number >= 1),
    map_root  BYTEA NOT NULL CHECK (length(map_root) = 32),
    closed_at BIGINT NOT NULL
);

CREATE TABLE anchors (
    size  BIGINT PRIMARY KEY CHECK (size > 0),
    root  BYTEA NOT NULL CHECK (length(root) = 32),
    block BIGINT NOT NULL CHECK (block >= 0)
);

-- What the indices and the empty subtrees of the consent map are made from.
CREATE TABLE map_secret (
    one    BIGINT PRIMARY KEY CHECK (one = 1),
    secret BYTEA NOT NULL CHECK (length(secret) = 32)
);

-- Everybody of whom something was ever recorded: whoever is in the consent map.
CREATE TABLE patients (
    patient    BIGINT PRIMARY KEY, -- the hospital's own number
    as_of      BIGINT NOT NULL CHECK (as_of > 0 AND as_of % 64 = 0), -- the token: end of the first interval with her in the map
    entry_salt BYTEA NOT NULL CHECK (length(entry_salt) = 32) -- of the entry that says she has no preference
);

-- The consent map: of every 8th level the subtrees that are not empty, down to
-- those that hold a single entry. A row holds from its version, the number of an
-- interval, until the next one of its place.
CREATE TABLE map_nodes (
    depth   BIGINT NOT NULL CHECK (depth BETWEEN 8 AND 64 AND depth % 8 = 0),
    prefix  BIGINT NOT NULL, -- the first depth bits of the positions below, as a number of 64 bits
    version BIGINT NOT NULL CHECK (version >= 1),
    hash    BYTEA NOT NULL CHECK (length(hash) = 32),
    patient BIGINT REFERENCES patients (patient), -- whose entry is the only one; NULL = there are several
    PRIMARY KEY (depth, prefix, version)
);

CREATE TABLE enrolments (
    patient BIGINT PRIMARY KEY REFERENCES patients (patient),
    key     BYTEA NOT NULL UNIQUE CHECK (length(key) = 20)
);

-- Keys that were a patient's and never will be anyone's again.
CREATE TABLE retired_keys (
    key     BYTEA PRIMARY KEY CHECK (length(key) = 20),
    patient BIGINT NOT NULL REFERENCES patients (patient),
    at      BIGINT NOT NULL
);

-- What the marks of codes are made with.
CREATE TABLE code_key (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    key BYTEA NOT NULL CHECK (length(key) = 32)
);

-- Codes that can still be redeemed, one a patient, as keyed hashes.
CREATE TABLE codes (
    name     BYTEA PRIMARY KEY CHECK (length(name) = 32),
    secret   BYTEA NOT NULL CHECK (length(secret) = 32),
    patient  BIGINT NOT NULL UNIQUE,
    recovery BIGINT NOT NULL CHECK (recovery IN (0, 1)), -- it may end the key that she has
    until    BIGINT NOT NULL,
    tries    BIGINT NOT NULL CHECK (tries BETWEEN 0 AND 10), -- that failed
    steward  BYTEA NOT NULL CHECK (length(steward) = 20)
);

-- What happened to who speaks for a patient, for her to read.
CREATE TABLE notices (
    number  BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    patient BIGINT NOT NULL REFERENCES patients (patient),
    at      BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('enrolled', 'rotated', 'recovered', 'elsewhere', 'delegate', 'revoked', 'emergency')),
    key     BYTEA NOT NULL CHECK (length(key) = 20),
    former  BYTEA CHECK (length(former) = 20), -- that key took the place of
    teller  BYTEA CHECK (length(teller) = 20)  -- another hospital that says so
);
CREATE INDEX notices_by_patient ON notices (patient, at);

-- Who else may set a patient's preference.
CREATE TABLE mandates (
    id      BYTEA PRIMARY KEY CHECK (length(id) = 32), -- of the delegation
    patient BIGINT NOT NULL REFERENCES patients (patient),
    key     BYTEA NOT NULL CHECK (length(key) = 20),
    kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('guardian', 'delegate')),
    until   BIGINT NOT NULL,
    revoked BIGINT -- when; NULL = it was not
);
CREATE INDEX mandates_by_patient ON mandates (patient);
CREATE INDEX mandates_by_key ON mandates (key);

-- The hospitals that a patient wants told of a new key.
CREATE TABLE contacts (
    patient   BIGINT PRIMARY KEY REFERENCES patients (patient),
    revision  BIGINT NOT NULL CHECK (revision >= 1),
    hospitals BYTEA NOT NULL CHECK (length(hospitals) % 20 = 0) -- addresses, one after the other
);

CREATE TABLE classes (
    id            BIGINT PRIMARY KEY CHECK (id BETWEEN 0 AND 2147483647), -- in order of first appearance
    hash          BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32), -- of document
    document      BYTEA NOT NULL,
    place         BIGINT NOT NULL UNIQUE CHECK (place BETWEEN 0 AND 16777215), -- random, of its odometer in the tree of them
    since         BIGINT NOT NULL CHECK (since >= 0), -- number of the interval in which it first appeared
    base_nano_rho BIGINT NOT NULL CHECK (base_nano_rho BETWEEN 0 AND 2251799813685247), -- random: what its odometer began at
    base_delta    BIGINT NOT NULL CHECK (base_delta BETWEEN 0 AND 2251799813685247)
);

-- Class 0 are those who were never asked: it has no document, begins at nothing, and is charged where the dataset's legal basis has them counted.
INSERT INTO classes (id, hash, document, place, since, base_nano_rho, base_delta) VALUES (0, zeroblob(32), zeroblob(0), 0, 0, 0, 0);

-- The history of memberships. An event is in force for every charge after it,
-- until the patient's next one. joined_* is the odometer of the class at that
-- moment; carried_* a bound of what the patient had lost before it; limit_* the
-- last reading of that odometer up to which her own cap lets her be counted.
CREATE TABLE events (
    seq              BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY CHECK (seq >= 1), -- never leaves the hospital
    patient          BIGINT NOT NULL REFERENCES patients (patient),
    as_of            BIGINT NOT NULL CHECK (as_of > 0 AND as_of % 64 = 0), -- the token: end of the first interval after it
    class            BIGINT NOT NULL REFERENCES classes (id),
    until            BIGINT NOT NULL CHECK (until >= 0), -- 0 = open
    cap_nano_rho     BIGINT CHECK (cap_nano_rho BETWEEN 1 AND 9007199254740991), -- her own, for life; NULL = none
    cap_delta        BIGINT CHECK (cap_delta BETWEEN 0 AND 9007199254740991 AND (cap_delta IS NULL) = (cap_nano_rho IS NULL)),
    carried_nano_rho BIGINT NOT NULL CHECK (carried_nano_rho BETWEEN 0 AND 9007199254740991),
    carried_delta    BIGINT NOT NULL CHECK (carried_delta BETWEEN 0 AND 9007199254740991),
    joined_nano_rho  BIGINT NOT NULL CHECK (joined_nano_rho BETWEEN 0 AND 9007199254740991),
    joined_delta     BIGINT NOT NULL CHECK (joined_delta BETWEEN 0 AND 9007199254740991),
    limit_nano_rho   BIGINT NOT NULL CHECK (limit_nano_rho = coalesce(cap_nano_rho - carried_nano_rho + joined_nano_rho, 9223372036854775807)),
    limit_delta      BIGINT NOT NULL CHECK (limit_delta = coalesce(cap_delta - carried_delta + joined_delta, 9223372036854775807)),
    recorded_at      BIGINT NOT NULL,
    content          BYTEA NOT NULL,
    revision         BIGINT NOT NULL CHECK (revision >= 1),
    expiry           BIGINT NOT NULL,
    signature        BYTEA NOT NULL CHECK (length(signature) = 65),
    salt             BYTEA NOT NULL CHECK (length(salt) = 32), -- of the leaf in the log; shown to nobody: where it is tells how many were before
    entry_salt       BYTEA NOT NULL CHECK (length(entry_salt) = 32), -- of the entry in the consent map
    steward          BYTEA CHECK (length(steward) = 20)  -- who signed that the patient said so; NULL = she signed herself
);
CREATE INDEX events_by_patient ON events (patient, seq DESC) INCLUDE (class, until, limit_nano_rho, limit_delta); -- answers Memberships alone
CREATE INDEX events_by_until ON events (until) WHERE until > 0; -- and no patient: new events of an end go to one page

CREATE TABLE policies (
    revision  BIGINT PRIMARY KEY CHECK (revision >= 1),
    content   BYTEA NOT NULL,
    expiry    BIGINT NOT NULL,
    signature BYTEA NOT NULL CHECK (length(signature) = 65),
    set_at    BIGINT NOT NULL
);

CREATE TABLE profiles (
    revision  BIGINT PRIMARY KEY CHECK (revision >= 1),
    content   BYTEA NOT NULL,
    expiry    BIGINT NOT NULL,
    signature BYTEA NOT NULL CHECK (length(signature) = 65),
    set_at    BIGINT NOT NULL
);

CREATE TABLE scopes (
    name            TEXT COLLATE "C" PRIMARY KEY,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('zcdp', 'gaussian_only', 'pure')),
    budget_nano_rho BIGINT NOT NULL CHECK (budget_nano_rho BETWEEN 0 AND 9007199254740991), -- as last charged against
    budget_delta    BIGINT NOT NULL CHECK (budget_delta BETWEEN 0 AND 9007199254740991),
    spent_nano_rho  BIGINT NOT NULL CHECK (spent_nano_rho BETWEEN 0 AND budget_nano_rho),
    spent_delta     BIGINT NOT NULL CHECK (spent_delta BETWEEN 0 AND budget_delta),
    budget_nano_epsilon BIGINT NOT NULL CHECK (budget_nano_epsilon BETWEEN 0 AND 9007199254740991), -- of kind 'pure', which has none of the others
    spent_nano_epsilon  BIGINT NOT NULL CHECK (spent_nano_epsilon BETWEEN 0 AND budget_nano_epsilon),
    CHECK (CASE kind WHEN 'pure' THEN budget_nano_rho = 0 AND budget_delta = 0 ELSE budget_nano_epsilon = 0 END)
);

CREATE TABLE charges (
    number     BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    request    BYTEA NOT NULL UNIQUE CHECK (length(request) = 32),
    ask        BYTEA NOT NULL CHECK (length(ask) = 32),
    nano_rho   BIGINT NOT NULL CHECK (nano_rho BETWEEN 0 AND 9007199254740991),
    delta      BIGINT NOT NULL CHECK (delta BETWEEN 0 AND 9007199254740991),
    nano_epsilon BIGINT NOT NULL CHECK (nano_epsilon BETWEEN 0 AND 9007199254740991), -- 0 = the noise has none
    work       BIGINT NOT NULL CHECK (work BETWEEN 0 AND 9007199254740991), -- price, expected hashes; 0 = nothing was sold
    policy     BYTEA NOT NULL CHECK (length(policy) = 32),
    now        BIGINT NOT NULL,
    as_of      BIGINT NOT NULL UNIQUE CHECK (as_of > 0 AND as_of % 64 = 0), -- size of the log after the interval that the charge closed
    root       BYTEA NOT NULL CHECK (length(root) = 32), -- of the log at as_of
    last_event BIGINT NOT NULL CHECK (last_event >= 0), -- greatest seq at the charge, 0 before the first
    decision   BYTEA NOT NULL CHECK (length(decision) = 32), -- hash of what was decided, behind salt
    salt       BYTEA NOT NULL CHECK (length(salt) = 32),
    grounds    BYTEA NOT NULL, -- JSON: what it was decided on besides the policy, the classes and what had been charged
    restored   BIGINT NOT NULL CHECK (restored IN (0, 1)), -- it stands for what may have been charged and was lost with a store
    classes    BYTEA NOT NULL -- that it permitted, and so was charged to: a bit of each by its id, the lowest of a byte first
);

CREATE INDEX charges_restored ON charges (now) WHERE restored = 1;

-- The scopes as they were after the charge.
CREATE TABLE charge_scopes (
    charge          BIGINT NOT NULL REFERENCES charges (number),
    scope           TEXT COLLATE "C" NOT NULL REFERENCES scopes (name),
    budget_nano_rho BIGINT NOT NULL,
    budget_delta    BIGINT NOT NULL,
    spent_nano_rho  BIGINT NOT NULL CHECK (spent_nano_rho BETWEEN 0 AND budget_nano_rho),
    spent_delta     BIGINT NOT NULL CHECK (spent_delta BETWEEN 0 AND budget_delta),
    budget_nano_epsilon BIGINT NOT NULL,
    spent_nano_epsilon  BIGINT NOT NULL CHECK (spent_nano_epsilon BETWEEN 0 AND budget_nano_epsilon),
    PRIMARY KEY (charge, scope)
);
CREATE INDEX charge_scopes_by_scope ON charge_scopes (scope, charge);

-- What classes had been charged after some of the charges, so that no more than a few must be added up.
CREATE TABLE odometers (
    charge BIGINT NOT NULL REFERENCES charges (number),
    first  BIGINT NOT NULL CHECK (first >= 0), -- class id
    totals BYTEA NOT NULL CHECK (length(totals) % 16 = 0), -- of it and those that follow, above base_*: nano_rho and delta, 8 bytes each, the high one first
    PRIMARY KEY (charge, first)
);

-- The prices of all charges, by who asked and the marketplace to which she owes them.
CREATE TABLE drawn (
    researcher  BYTEA NOT NULL CHECK (length(researcher) = 20),
    marketplace BYTEA NOT NULL CHECK (length(marketplace) = 20),
    work        BIGINT NOT NULL CHECK (work BETWEEN 0 AND 9007199254740991), -- expected hashes
    PRIMARY KEY (researcher, marketplace)
);

CREATE TABLE releases (
    charge     BIGINT PRIMARY KEY REFERENCES charges (number),
    document   BYTEA NOT NULL, -- canonical signed release
    last_event BIGINT NOT NULL CHECK (last_event >= 0) -- greatest seq when it was stored
);

-- Questions that were refused, once for each of their reasons under a policy: of each organisation the last ones.
CREATE TABLE refusals (
    number       BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    decision     BYTEA NOT NULL UNIQUE CHECK (length(decision) = 32), -- hash of what was decided, behind salt: its name
    organisation BYTEA NOT NULL CHECK (length(organisation) = 32), -- the researcher's, on the chain
    request      BYTEA NOT NULL CHECK (length(request) = 32),
    ask          BYTEA NOT NULL CHECK (length(ask) = 32),
    policy       BYTEA NOT NULL CHECK (length(policy) = 32),
    recheck      BIGINT NOT NULL CHECK (recheck IN (0, 1)), -- it had been charged
    reasons      TEXT COLLATE "C" NOT NULL, -- their codes, by commas
    now          BIGINT NOT NULL,
    as_of        BIGINT NOT NULL CHECK (as_of > 0 AND as_of % 64 = 0), -- where a charge would have closed the log
    last_event   BIGINT NOT NULL CHECK (last_event >= 0), -- greatest seq then
    salt         BYTEA NOT NULL CHECK (length(salt) = 32),
    grounds      BYTEA NOT NULL, -- JSON, as of a charge
    UNIQUE (ask, policy, recheck, reasons)
);
CREATE INDEX refusals_of ON refusals (organisation, number);

-- The records that the node counts in.
CREATE TABLE records (
    one             BIGINT PRIMARY KEY CHECK (one = 1),
    dataset         TEXT COLLATE "C" NOT NULL, -- for ever
    version         TEXT COLLATE "C" NOT NULL, -- adopted last
    adopted_at      BIGINT NOT NULL,
    fingerprint_key BYTEA NOT NULL CHECK (length(fingerprint_key) = 32)
);

-- Whom each patient number means: every number that was ever in the records.
CREATE TABLE persons (
    number   BIGINT PRIMARY KEY,
    identity BYTEA CHECK (length(identity) = 16), -- keyed hash of the hospital's identifier; NULL = never had one
    traits   BYTEA NOT NULL CHECK (length(traits) = 16) -- keyed hash of number, year of birth and gender
);

-- Findings that the hospital answered for, so that records could be adopted.
CREATE TABLE accepted_numbers (
    version TEXT COLLATE "C" NOT NULL,
    number  BIGINT NOT NULL REFERENCES persons (number),
    at      BIGINT NOT NULL,
    PRIMARY KEY (version, number, at)
);

-- What the keys of the record index come from.
CREATE TABLE index_secret (
    one    BIGINT PRIMARY KEY CHECK (one = 1),
    secret BYTEA NOT NULL CHECK (length(secret) = 32)
);

-- Leaves of the record index, published in the intervals of the log. Lanes 0 and 1 have places of their own in each, which are
-- filled in the order of number. Of each patient one use at most is in lane 1, the oldest that waits: when it is published, her
-- next one moves there from lane 2. So nobody fills the lane, or counts by her own uses how many of others wait.
CREATE TABLE index_leaves (
    number    BIGINT PRIMARY KEY CHECK (number >= 1),
    lane      BIGINT NOT NULL CHECK (lane IN (0, 1, 2)), -- 0 pointers, 1 uses of accesses, 2 uses behind others of their patients
    leaf      BYTEA NOT NULL CHECK (length(leaf) = 32),
    log_index BIGINT CHECK (log_index >= 0) -- its place in the log; NULL = no interval has published it yet
);
CREATE INDEX index_leaves_waiting ON index_leaves (lane, number) WHERE log_index IS NULL;

-- Pointers to records, numbered within a patient's records of a kind and month.
CREATE TABLE pointers (
    leaf    BIGINT PRIMARY KEY REFERENCES index_leaves (number),
    patient BIGINT NOT NULL, -- the hospital's own number
    kind    TEXT COLLATE "C" NOT NULL,
    month   BIGINT NOT NULL CHECK (month BETWEEN 0 AND 4095), -- since January 1900
    number  BIGINT NOT NULL CHECK (number >= 0),
    locator TEXT COLLATE "C" NOT NULL,
    record  BYTEA NOT NULL CHECK (length(record) = 32), -- hash of what it points at
    value   BYTEA NOT NULL, -- the pointer encrypted, as readers get it
    salt    BYTEA NOT NULL CHECK (length(salt) = 32), -- of the leaf
    UNIQUE (patient, kind, month, number)
);

-- What readers were shown, for the patient to see. Her uses have numbers of their own, since a hospital's would tell her how many of
-- others came between.
CREATE TABLE access_uses (
    leaf    BIGINT PRIMARY KEY REFERENCES index_leaves (number),
    patient BIGINT NOT NULL,
    number  BIGINT NOT NULL CHECK (number >= 1),
    access  BYTEA NOT NULL CHECK (length(access) = 32),
    at      BIGINT NOT NULL,
    content BYTEA NOT NULL, -- canonical; the leaf commits to it
    salt    BYTEA NOT NULL CHECK (length(salt) = 32),
    UNIQUE (patient, number)
);
CREATE INDEX access_uses_by_access ON access_uses (patient, access, number);

-- Accesses that were taken back, for ever: nobody but their givers knows when they would have ended.
CREATE TABLE revoked_accesses (
    patient BIGINT NOT NULL,
    access  BYTEA NOT NULL CHECK (length(access) = 32),
    at      BIGINT NOT NULL,
    PRIMARY KEY (patient, access)
);

-- What patients hold of pointers and of readers, the last that each said.
CREATE TABLE opinions (
    patient         BIGINT NOT NULL,
    reader          BYTEA NOT NULL CHECK (length(reader) IN (0, 20)), -- empty: it is of a pointer
    kind            TEXT COLLATE "C" NOT NULL, -- of the pointer, with its month and number; '', 0 and 0 of a reader
    month           BIGINT NOT NULL CHECK (month BETWEEN 0 AND 4095),
    number          BIGINT NOT NULL CHECK (number >= 0),
    said            BIGINT NOT NULL CHECK (said >= 1), -- rises with each that she says
    standing        TEXT COLLATE "C" NOT NULL CHECK (standing IN ('accepted', 'questioned', 'rejected')),
    at              BIGINT NOT NULL,
    content         BYTEA NOT NULL,
    revision        BIGINT NOT NULL CHECK (revision >= 0),
    expiry          BIGINT NOT NULL,
    signature       BYTEA NOT NULL CHECK (length(signature) = 65),
    replier         BYTEA CHECK (length(replier) = 20), -- steward; NULL = nobody has replied, nor is what follows there
    reply_at        BIGINT CHECK ((reply_at IS NULL) = (replier IS NULL)),
    reply_content   BYTEA CHECK ((reply_content IS NULL) = (replier IS NULL)),
    reply_revision  BIGINT CHECK ((reply_revision IS NULL) = (replier IS NULL)),
    reply_expiry    BIGINT CHECK ((reply_expiry IS NULL) = (replier IS NULL)),
    reply_signature BYTEA CHECK ((reply_signature IS NULL) = (replier IS NULL) AND length(reply_signature) = 65),
    PRIMARY KEY (patient, reader, kind, month, number),
    UNIQUE (patient, said)
);

-- Emergencies that clinicians declared, with what a second one signed of each.
CREATE TABLE emergencies (
    id               BYTEA PRIMARY KEY CHECK (length(id) = 32), -- hash of content
    patient          BIGINT NOT NULL,
    clinician        BYTEA NOT NULL CHECK (length(clinician) = 20),
    at               BIGINT NOT NULL,
    content          BYTEA NOT NULL,
    revision         BIGINT NOT NULL,
    expiry           BIGINT NOT NULL,
    signature        BYTEA NOT NULL CHECK (length(signature) = 65),
    second           BYTEA CHECK (length(second) = 20 AND second <> clinician), -- who countersigned; NULL = nobody has, nor is what follows there
    second_at        BIGINT CHECK ((second_at IS NULL) = (second IS NULL)),
    second_content   BYTEA CHECK ((second_content IS NULL) = (second IS NULL)),
    second_revision  BIGINT CHECK ((second_revision IS NULL) = (second IS NULL)),
    second_expiry    BIGINT CHECK ((second_expiry IS NULL) = (second IS NULL)),
    second_signature BYTEA CHECK ((second_signature IS NULL) = (second IS NULL) AND length(second_signature) = 65)
);
CREATE INDEX emergencies_by_time ON emergencies (at, id);
CREATE INDEX emergencies_by_patient ON emergencies (patient, at, id);
CREATE INDEX emergencies_by_clinician ON emergencies (clinician, at);

CREATE FUNCTION spent_never_falls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.spent_nano_rho < OLD.spent_nano_rho OR NEW.spent_delta < OLD.spent_delta OR NEW.spent_nano_epsilon < OLD.spent_nano_epsilon OR NEW.kind <> OLD.kind THEN
        RAISE EXCEPTION 'what a scope has spent never falls and its kind is fixed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER spent_never_falls BEFORE UPDATE ON scopes FOR EACH ROW EXECUTE FUNCTION spent_never_falls();

CREATE FUNCTION used_never_falls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.used_nano_rho < OLD.used_nano_rho OR NEW.used_delta < OLD.used_delta OR NEW.used_nano_epsilon < OLD.used_nano_epsilon
        OR NEW.unasked_nano_rho < OLD.unasked_nano_rho OR NEW.unasked_delta < OLD.unasked_delta
        OR NEW.asked_nano_rho < OLD.asked_nano_rho OR NEW.asked_delta < OLD.asked_delta OR NEW.asked_nano_epsilon < OLD.asked_nano_epsilon
        OR NEW.asked_size < OLD.asked_size THEN
        RAISE EXCEPTION 'what was used and asked for never falls';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER used_never_falls BEFORE UPDATE ON standing FOR EACH ROW EXECUTE FUNCTION used_never_falls();

CREATE FUNCTION revisions_follow_one_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.revision <> 1 + coalesce((SELECT e.revision FROM events AS e WHERE e.patient = NEW.patient ORDER BY e.seq DESC LIMIT 1), 0) THEN
        RAISE EXCEPTION 'a revision is one more than the patient''s last';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER revisions_follow_one_another BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION revisions_follow_one_another();

CREATE FUNCTION class_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.hash <> OLD.hash OR NEW.place <> OLD.place OR NEW.since <> OLD.since
        OR NEW.base_nano_rho <> OLD.base_nano_rho OR NEW.base_delta <> OLD.base_delta THEN
        RAISE EXCEPTION 'what a class is and where its odometer began stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER class_stays BEFORE UPDATE ON classes FOR EACH ROW EXECUTE FUNCTION class_stays();

CREATE FUNCTION odometer_never_falls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> OLD.number OR NEW.nano_rho <> OLD.nano_rho OR NEW.delta <> OLD.delta OR NEW.classes <> OLD.classes THEN
        RAISE EXCEPTION 'the odometer of a class never falls: what was charged stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER odometer_never_falls BEFORE UPDATE ON charges FOR EACH ROW EXECUTE FUNCTION odometer_never_falls();

CREATE FUNCTION totals_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the odometer of a class never falls: what was added up stays';
END $$;
CREATE TRIGGER totals_stay BEFORE UPDATE ON odometers FOR EACH ROW EXECUTE FUNCTION totals_stay();
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP TABLE emergencies;
DROP TABLE opinions;
DROP TABLE revoked_accesses;
DROP TABLE access_uses;
DROP TABLE pointers;
DROP TABLE index_leaves;
DROP TABLE index_secret;
DROP TABLE accepted_numbers;
DROP TABLE persons;
DROP TABLE records;
DROP TABLE releases;
DROP TABLE drawn;
DROP TABLE odometers;
DROP TABLE refusals;
DROP TABLE charge_scopes;
DROP TABLE charges;
DROP TABLE scopes;
DROP TABLE profiles;
DROP TABLE policies;
DROP TABLE events;
DROP TABLE classes;
DROP TABLE contacts;
DROP TABLE mandates;
DROP TABLE notices;
DROP TABLE codes;
DROP TABLE code_key;
DROP TABLE retired_keys;
DROP TABLE enrolments;
DROP TABLE map_nodes;
DROP TABLE patients;
DROP TABLE map_secret;
DROP TABLE anchors;
DROP TABLE intervals;
DROP TABLE unpublished;
DROP TABLE standing;
DROP TABLE log_hashes;
DROP TABLE log_size;
DROP FUNCTION spent_never_falls();
DROP FUNCTION used_never_falls();
DROP FUNCTION revisions_follow_one_another();
DROP FUNCTION class_stays();
DROP FUNCTION odometer_never_falls();
DROP FUNCTION totals_stay();
DROP FUNCTION json_each(TEXT);
DROP FUNCTION unhex(TEXT);
DROP FUNCTION zeroblob(BIGINT);
-- +goose StatementEnd
