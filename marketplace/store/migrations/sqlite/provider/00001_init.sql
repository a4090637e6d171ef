-- Units: nano_rho 10^-9 rho; nano_epsilon 10^-9 epsilon; delta 2^-63; until, expiry, now, *_at Unix seconds.
-- Hashes and salts 32 bytes, addresses 20, signatures 65. No amount passes
-- 2^53 - 1, the most a document can hold.

-- All is one statement to goose: in search of semicolons it takes 4 MB for each line.

-- +goose Up
-- +goose StatementBegin
CREATE TABLE log_size (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL CHECK (size >= 0) -- leaves
) STRICT;
INSERT INTO log_size (one, size) VALUES (1, 0);

CREATE TABLE log_hashes (
    position INTEGER PRIMARY KEY CHECK (position >= 0), -- in the layout of golang.org/x/mod/sumdb/tlog
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- What tells a store that was brought back from a backup, and what was spent.
CREATE TABLE standing (
    one                INTEGER PRIMARY KEY CHECK (one = 1),
    copied             INTEGER NOT NULL CHECK (copied IN (0, 1)), -- it is a copy, and has not been held against the chain since
    used_nano_rho      INTEGER NOT NULL CHECK (used_nano_rho BETWEEN 0 AND 9007199254740991), -- what all charges cost
    used_delta         INTEGER NOT NULL CHECK (used_delta BETWEEN 0 AND 9007199254740991),
    used_nano_epsilon  INTEGER NOT NULL CHECK (used_nano_epsilon BETWEEN 0 AND 9007199254740991),
    unasked_nano_rho   INTEGER NOT NULL CHECK (unasked_nano_rho BETWEEN 0 AND used_nano_rho), -- of it, what those were charged who were never asked
    unasked_delta      INTEGER NOT NULL CHECK (unasked_delta BETWEEN 0 AND used_delta),
    asked_nano_rho     INTEGER NOT NULL CHECK (asked_nano_rho >= 0), -- the greatest allowance that the chain was asked for
    asked_delta        INTEGER NOT NULL CHECK (asked_delta >= 0),
    asked_nano_epsilon INTEGER NOT NULL CHECK (asked_nano_epsilon >= 0),
    asked_size         INTEGER NOT NULL CHECK (asked_size >= 0)
) STRICT;
INSERT INTO standing (one, copied, used_nano_rho, used_delta, used_nano_epsilon, unasked_nano_rho, unasked_delta, asked_nano_rho, asked_delta, asked_nano_epsilon, asked_size)
VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

-- Leaves that no interval has published yet, oldest first. Those of public
-- documents have a lane of their own and go first: behind the events, when
-- they are published would tell how many events there were.
CREATE TABLE unpublished (
    lane   INTEGER NOT NULL CHECK (lane IN (0, 1)), -- 0 policies and releases, 1 events
    number INTEGER NOT NULL CHECK (number >= 1),
    leaf   BLOB NOT NULL CHECK (length(leaf) = 32),
    PRIMARY KEY (lane, number)
) STRICT, WITHOUT ROWID;

-- Closed intervals of the log; the one of a number ends at 64 * number leaves.
CREATE TABLE intervals (
    number    INTEGER PRIMARY KEY CHECK (number >= 1),
    map_root  BLOB NOT NULL CHECK (length(map_root) = 32),
    closed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE anchors (
    size  INTEGER PRIMARY KEY CHECK (size > 0),
    root  BLOB NOT NULL CHECK (length(root) = 32),
    block INTEGER NOT NULL CHECK (block >= 0)
) STRICT;

-- What the indices and the empty subtrees of the consent map are made from.
CREATE TABLE map_secret (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;

-- The consent map: of every 8th level the subtrees that are not empty, down to
-- those that hold a single entry. A row holds from its version, the number of an
-- interval, until the next one of its place.
CREATE TABLE map_nodes (
    depth   INTEGER NOT NULL CHECK (depth BETWEEN 8 AND 64 AND depth % 8 = 0),
    prefix  INTEGER NOT NULL, -- the first depth bits of the positions below, as a number of 64 bits
    version INTEGER NOT NULL CHECK (version >= 1),
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    patient INTEGER REFERENCES patients (patient), -- whose entry is the only one; NULL = there are several
    PRIMARY KEY (depth, prefix, version)
) STRICT, WITHOUT ROWID;

-- Everybody of whom something was ever recorded: whoever is in the consent map.
CREATE TABLE patients (
    patient    INTEGER PRIMARY KEY, -- the hospital's own number
    as_of      INTEGER NOT NULL CHECK (as_of > 0 AND as_of % 64 = 0), -- the token: end of the first interval with her in the map
    entry_salt BLOB NOT NULL CHECK (length(entry_salt) = 32) -- of the entry that says she has no preference
) STRICT;

CREATE TABLE enrolments (
    patient INTEGER PRIMARY KEY REFERENCES patients (patient),
    key     BLOB NOT NULL UNIQUE CHECK (length(key) = 20)
) STRICT;

-- Keys that were a patient's and never will be anyone's again.
CREATE TABLE retired_keys (
    key     BLOB PRIMARY KEY CHECK (length(key) = 20),
    patient INTEGER NOT NULL REFERENCES patients (patient),
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the marks of codes are made with.
CREATE TABLE code_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

-- Codes that can still be redeemed, one a patient, as keyed hashes.
CREATE TABLE codes (
    name     BLOB PRIMARY KEY CHECK (length(name) = 32),
    secret   BLOB NOT NULL CHECK (length(secret) = 32),
    patient  INTEGER NOT NULL UNIQUE,
    recovery INTEGER NOT NULL CHECK (recovery IN (0, 1)), -- it may end the key that she has
    until    INTEGER NOT NULL,
    tries    INTEGER NOT NULL CHECK (tries BETWEEN 0 AND 10), -- that failed
    steward  BLOB NOT NULL CHECK (length(steward) = 20)
) STRICT, WITHOUT ROWID;

-- What happened to who speaks for a patient, for her to read.
CREATE TABLE notices (
    number  INTEGER PRIMARY KEY,
    patient INTEGER NOT NULL REFERENCES patients (patient),
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('enrolled', 'rotated', 'recovered', 'elsewhere', 'delegate', 'revoked', 'emergency')),
    key     BLOB NOT NULL CHECK (length(key) = 20),
    former  BLOB CHECK (length(former) = 20), -- that key took the place of
    teller  BLOB CHECK (length(teller) = 20)  -- another hospital that says so
) STRICT;
CREATE INDEX notices_by_patient ON notices (patient, at);

-- Who else may set a patient's preference.
CREATE TABLE mandates (
    id      BLOB PRIMARY KEY CHECK (length(id) = 32), -- of the delegation
    patient INTEGER NOT NULL REFERENCES patients (patient),
    key     BLOB NOT NULL CHECK (length(key) = 20),
    kind    TEXT NOT NULL CHECK (kind IN ('guardian', 'delegate')),
    until   INTEGER NOT NULL,
    revoked INTEGER -- when; NULL = it was not
) STRICT;
CREATE INDEX mandates_by_patient ON mandates (patient);
CREATE INDEX mandates_by_key ON mandates (key);

-- The hospitals that a patient wants told of a new key.
CREATE TABLE contacts (
    patient   INTEGER PRIMARY KEY REFERENCES patients (patient),
    revision  INTEGER NOT NULL CHECK (revision >= 1),
    hospitals BLOB NOT NULL CHECK (length(hospitals) % 20 = 0) -- addresses, one after the other
) STRICT;

CREATE TABLE classes (
    id            INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 2147483647), -- in order of first appearance
    hash          BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), -- of document
    document      BLOB NOT NULL,
    place         INTEGER NOT NULL UNIQUE CHECK (place BETWEEN 0 AND 16777215), -- random, of its odometer in the tree of them
    since         INTEGER NOT NULL CHECK (since >= 0), -- number of the interval in which it first appeared
    base_nano_rho INTEGER NOT NULL CHECK (base_nano_rho BETWEEN 0 AND 2251799813685247), -- random: what its odometer began at
    base_delta    INTEGER NOT NULL CHECK (base_delta BETWEEN 0 AND 2251799813685247)
) STRICT;

-- Class 0 are those who were never asked: it has no document, begins at nothing, and is charged where the dataset's legal basis has them counted.
INSERT INTO classes (id, hash, document, place, since, base_nano_rho, base_delta) VALUES (0, zeroblob(32), zeroblob(0), 0, 0, 0, 0);

-- The history of memberships. An event is in force for every charge after it,
-- until the patient's next one. joined_* is the odometer of the class at that
-- moment; carried_* a bound of what the patient had lost before it; limit_* the
-- last reading of that odometer up to which her own cap lets her be counted.
CREATE TABLE events (
    seq              INTEGER PRIMARY KEY CHECK (seq >= 1), -- never leaves the hospital
    patient          INTEGER NOT NULL REFERENCES patients (patient),
    as_of            INTEGER NOT NULL CHECK (as_of > 0 AND as_of % 64 = 0), -- the token: end of the first interval after it
    class            INTEGER NOT NULL REFERENCES classes (id),
    until            INTEGER NOT NULL CHECK (until >= 0), -- 0 = open
    cap_nano_rho     INTEGER CHECK (cap_nano_rho BETWEEN 1 AND 9007199254740991), -- her own, for life; NULL = none
    cap_delta        INTEGER CHECK (cap_delta BETWEEN 0 AND 9007199254740991 AND (cap_delta IS NULL) = (cap_nano_rho IS NULL)),
    carried_nano_rho INTEGER NOT NULL CHECK (carried_nano_rho BETWEEN 0 AND 9007199254740991),
    carried_delta    INTEGER NOT NULL CHECK (carried_delta BETWEEN 0 AND 9007199254740991),
    joined_nano_rho  INTEGER NOT NULL CHECK (joined_nano_rho BETWEEN 0 AND 9007199254740991),
    joined_delta     INTEGER NOT NULL CHECK (joined_delta BETWEEN 0 AND 9007199254740991),
    limit_nano_rho   INTEGER NOT NULL CHECK (limit_nano_rho = coalesce(cap_nano_rho - carried_nano_rho + joined_nano_rho, 9223372036854775807)),
    limit_delta      INTEGER NOT NULL CHECK (limit_delta = coalesce(cap_delta - carried_delta + joined_delta, 9223372036854775807)),
    recorded_at      INTEGER NOT NULL,
    content          BLOB NOT NULL,
    revision         INTEGER NOT NULL CHECK (revision >= 1),
    expiry           INTEGER NOT NULL,
    signature        BLOB NOT NULL CHECK (length(signature) = 65),
    salt             BLOB NOT NULL CHECK (length(salt) = 32), -- of the leaf in the log; shown to nobody: where it is tells how many were before
    entry_salt       BLOB NOT NULL CHECK (length(entry_salt) = 32), -- of the entry in the consent map
    steward          BLOB CHECK (length(steward) = 20)  -- who signed that the patient said so; NULL = she signed herself
) STRICT;
CREATE INDEX events_by_patient ON events (patient, seq, class, until, limit_nano_rho, limit_delta); -- answers Memberships alone
CREATE INDEX events_by_until ON events (until) WHERE until > 0; -- and no patient: new events of an end go to one page

CREATE TABLE policies (
    revision  INTEGER PRIMARY KEY CHECK (revision >= 1),
    content   BLOB NOT NULL,
    expiry    INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 65),
    set_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE profiles (
    revision  INTEGER PRIMARY KEY CHECK (revision >= 1),
    content   BLOB NOT NULL,
    expiry    INTEGER NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 65),
    set_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE scopes (
    name            TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('zcdp', 'gaussian_only', 'pure')),
    budget_nano_rho INTEGER NOT NULL CHECK (budget_nano_rho BETWEEN 0 AND 9007199254740991), -- as last charged against
    budget_delta    INTEGER NOT NULL CHECK (budget_delta BETWEEN 0 AND 9007199254740991),
    spent_nano_rho  INTEGER NOT NULL CHECK (spent_nano_rho BETWEEN 0 AND budget_nano_rho),
    spent_delta     INTEGER NOT NULL CHECK (spent_delta BETWEEN 0 AND budget_delta),
    budget_nano_epsilon INTEGER NOT NULL CHECK (budget_nano_epsilon BETWEEN 0 AND 9007199254740991), -- of kind 'pure', which has none of the others
    spent_nano_epsilon  INTEGER NOT NULL CHECK (spent_nano_epsilon BETWEEN 0 AND budget_nano_epsilon),
    CHECK (CASE kind WHEN 'pure' THEN budget_nano_rho = 0 AND budget_delta = 0 ELSE budget_nano_epsilon = 0 END)
) STRICT, WITHOUT ROWID;

CREATE TABLE charges (
    number     INTEGER PRIMARY KEY,
    request    BLOB NOT NULL UNIQUE CHECK (length(request) = 32),
    ask        BLOB NOT NULL CHECK (length(ask) = 32),
    nano_rho   INTEGER NOT NULL CHECK (nano_rho BETWEEN 0 AND 9007199254740991),
    delta      INTEGER NOT NULL CHECK (delta BETWEEN 0 AND 9007199254740991),
    nano_epsilon INTEGER NOT NULL CHECK (nano_epsilon BETWEEN 0 AND 9007199254740991), -- 0 = the noise has none
    work       INTEGER NOT NULL CHECK (work BETWEEN 0 AND 9007199254740991), -- price, expected hashes; 0 = nothing was sold
    policy     BLOB NOT NULL CHECK (length(policy) = 32),
    now        INTEGER NOT NULL,
    as_of      INTEGER NOT NULL UNIQUE CHECK (as_of > 0 AND as_of % 64 = 0), -- size of the log after the interval that the charge closed
    root       BLOB NOT NULL CHECK (length(root) = 32), -- of the log at as_of
    last_event INTEGER NOT NULL CHECK (last_event >= 0), -- greatest seq at the charge, 0 before the first
    decision   BLOB NOT NULL CHECK (length(decision) = 32), -- hash of what was decided, behind salt
    salt       BLOB NOT NULL CHECK (length(salt) = 32),
    grounds    BLOB NOT NULL, -- JSON: what it was decided on besides the policy, the classes and what had been charged
    restored   INTEGER NOT NULL CHECK (restored IN (0, 1)), -- it stands for what may have been charged and was lost with a store
    classes    BLOB NOT NULL -- that it permitted, and so was charged to: a bit of each by its id, the lowest of a byte first
) STRICT;

CREATE INDEX charges_restored ON charges (now) WHERE restored = 1;

-- The scopes as they were after the charge.
CREATE TABLE charge_scopes (
    charge          INTEGER NOT NULL REFERENCES charges (number),
    scope           TEXT NOT NULL REFERENCES scopes (name),
    budget_nano_rho INTEGER NOT NULL,
    budget_delta    INTEGER NOT NULL,
    spent_nano_rho  INTEGER NOT NULL CHECK (spent_nano_rho BETWEEN 0 AND budget_nano_rho),
    spent_delta     INTEGER NOT NULL CHECK (spent_delta BETWEEN 0 AND budget_delta),
    budget_nano_epsilon INTEGER NOT NULL,
    spent_nano_epsilon  INTEGER NOT NULL CHECK (spent_nano_epsilon BETWEEN 0 AND budget_nano_epsilon),
    PRIMARY KEY (charge, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX charge_scopes_by_scope ON charge_scopes (scope, charge);

-- What classes had been charged after some of the charges, so that no more than a few must be added up.
CREATE TABLE odometers (
    charge INTEGER NOT NULL REFERENCES charges (number),
    first  INTEGER NOT NULL CHECK (first >= 0), -- class id
    totals BLOB NOT NULL CHECK (length(totals) % 16 = 0), -- of it and those that follow, above base_*: nano_rho and delta, 8 bytes each, the high one first
    PRIMARY KEY (charge, first)
) STRICT, WITHOUT ROWID;

-- The prices of all charges, by who asked and the marketplace to which she owes them.
CREATE TABLE drawn (
    researcher  BLOB NOT NULL CHECK (length(researcher) = 20),
    marketplace BLOB NOT NULL CHECK (length(marketplace) = 20),
    work        INTEGER NOT NULL CHECK (work BETWEEN 0 AND 9007199254740991), -- expected hashes
    PRIMARY KEY (researcher, marketplace)
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    charge     INTEGER PRIMARY KEY REFERENCES charges (number),
    document   BLOB NOT NULL, -- canonical signed release
    last_event INTEGER NOT NULL CHECK (last_event >= 0) -- greatest seq when it was stored
) STRICT;

-- Questions that were refused, once for each of their reasons under a policy: of each organisation the last ones.
CREATE TABLE refusals (
    number       INTEGER PRIMARY KEY,
    decision     BLOB NOT NULL UNIQUE CHECK (length(decision) = 32), -- hash of what was decided, behind salt: its name
    organisation BLOB NOT NULL CHECK (length(organisation) = 32), -- the researcher's, on the chain
    request      BLOB NOT NULL CHECK (length(request) = 32),
    ask          BLOB NOT NULL CHECK (length(ask) = 32),
    policy       BLOB NOT NULL CHECK (length(policy) = 32),
    recheck      INTEGER NOT NULL CHECK (recheck IN (0, 1)), -- it had been charged
    reasons      TEXT NOT NULL, -- their codes, by commas
    now          INTEGER NOT NULL,
    as_of        INTEGER NOT NULL CHECK (as_of > 0 AND as_of % 64 = 0), -- where a charge would have closed the log
    last_event   INTEGER NOT NULL CHECK (last_event >= 0), -- greatest seq then
    salt         BLOB NOT NULL CHECK (length(salt) = 32),
    grounds      BLOB NOT NULL, -- JSON, as of a charge
    UNIQUE (ask, policy, recheck, reasons)
) STRICT;
CREATE INDEX refusals_of ON refusals (organisation, number);

-- The records that the node counts in.
CREATE TABLE records (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    dataset         TEXT NOT NULL, -- for ever
    version         TEXT NOT NULL, -- adopted last
    adopted_at      INTEGER NOT NULL,
    fingerprint_key BLOB NOT NULL CHECK (length(fingerprint_key) = 32)
) STRICT;

-- Whom each patient number means: every number that was ever in the records.
CREATE TABLE persons (
    number   INTEGER PRIMARY KEY,
    identity BLOB CHECK (length(identity) = 16), -- keyed hash of the hospital's identifier; NULL = never had one
    traits   BLOB NOT NULL CHECK (length(traits) = 16) -- keyed hash of number, year of birth and gender
) STRICT;

-- Findings that the hospital answered for, so that records could be adopted.
CREATE TABLE accepted_numbers (
    version TEXT NOT NULL,
    number  INTEGER NOT NULL REFERENCES persons (number),
    at      INTEGER NOT NULL,
    PRIMARY KEY (version, number, at)
) STRICT, WITHOUT ROWID;

-- What the keys of the record index come from.
CREATE TABLE index_secret (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;

-- Leaves of the record index, published in the intervals of the log. Lanes 0 and 1 have places of their own in each, which are
-- filled in the order of number. Of each patient one use at most is in lane 1, the oldest that waits: when it is published, her
-- next one moves there from lane 2. So nobody fills the lane, or counts by her own uses how many of others wait.
CREATE TABLE index_leaves (
    number    INTEGER PRIMARY KEY CHECK (number >= 1),
    lane      INTEGER NOT NULL CHECK (lane IN (0, 1, 2)), -- 0 pointers, 1 uses of accesses, 2 uses behind others of their patients
    leaf      BLOB NOT NULL CHECK (length(leaf) = 32),
    log_index INTEGER CHECK (log_index >= 0) -- its place in the log; NULL = no interval has published it yet
) STRICT;
CREATE INDEX index_leaves_waiting ON index_leaves (lane, number) WHERE log_index IS NULL;

-- Pointers to records, numbered within a patient's records of a kind and month.
CREATE TABLE pointers (
    leaf    INTEGER PRIMARY KEY REFERENCES index_leaves (number),
    patient INTEGER NOT NULL, -- the hospital's own number
    kind    TEXT NOT NULL,
    month   INTEGER NOT NULL CHECK (month BETWEEN 0 AND 4095), -- since January 1900
    number  INTEGER NOT NULL CHECK (number >= 0),
    locator TEXT NOT NULL,
    record  BLOB NOT NULL CHECK (length(record) = 32), -- hash of what it points at
    value   BLOB NOT NULL, -- the pointer encrypted, as readers get it
    salt    BLOB NOT NULL CHECK (length(salt) = 32), -- of the leaf
    UNIQUE (patient, kind, month, number)
) STRICT;

-- What readers were shown, for the patient to see. Her uses have numbers of their own, since a hospital's would tell her how many of
-- others came between.
CREATE TABLE access_uses (
    leaf    INTEGER PRIMARY KEY REFERENCES index_leaves (number),
    patient INTEGER NOT NULL,
    number  INTEGER NOT NULL CHECK (number >= 1),
    access  BLOB NOT NULL CHECK (length(access) = 32),
    at      INTEGER NOT NULL,
    content BLOB NOT NULL, -- canonical; the leaf commits to it
    salt    BLOB NOT NULL CHECK (length(salt) = 32),
    UNIQUE (patient, number)
) STRICT;
CREATE INDEX access_uses_by_access ON access_uses (patient, access, number);

-- Accesses that were taken back, for ever: nobody but their givers knows when they would have ended.
CREATE TABLE revoked_accesses (
    patient INTEGER NOT NULL,
    access  BLOB NOT NULL CHECK (length(access) = 32),
    at      INTEGER NOT NULL,
    PRIMARY KEY (patient, access)
) STRICT, WITHOUT ROWID;

-- What patients hold of pointers and of readers, the last that each said.
CREATE TABLE opinions (
    patient         INTEGER NOT NULL,
    reader          BLOB NOT NULL CHECK (length(reader) IN (0, 20)), -- empty: it is of a pointer
    kind            TEXT NOT NULL, -- of the pointer, with its month and number; '', 0 and 0 of a reader
    month           INTEGER NOT NULL CHECK (month BETWEEN 0 AND 4095),
    number          INTEGER NOT NULL CHECK (number >= 0),
    said            INTEGER NOT NULL CHECK (said >= 1), -- rises with each that she says
    standing        TEXT NOT NULL CHECK (standing IN ('accepted', 'questioned', 'rejected')),
    at              INTEGER NOT NULL,
    content         BLOB NOT NULL,
    revision        INTEGER NOT NULL CHECK (revision >= 0),
    expiry          INTEGER NOT NULL,
    signature       BLOB NOT NULL CHECK (length(signature) = 65),
    replier         BLOB CHECK (length(replier) = 20), -- steward; NULL = nobody has replied, nor is what follows there
    reply_at        INTEGER CHECK ((reply_at IS NULL) = (replier IS NULL)),
    reply_content   BLOB CHECK ((reply_content IS NULL) = (replier IS NULL)),
    reply_revision  INTEGER CHECK ((reply_revision IS NULL) = (replier IS NULL)),
    reply_expiry    INTEGER CHECK ((reply_expiry IS NULL) = (replier IS NULL)),
    reply_signature BLOB CHECK ((reply_signature IS NULL) = (replier IS NULL) AND length(reply_signature) = 65),
    PRIMARY KEY (patient, reader, kind, month, number),
    UNIQUE (patient, said)
) STRICT, WITHOUT ROWID;

-- Emergencies that clinicians declared, with what a second one signed of each.
CREATE TABLE emergencies (
    id               BLOB PRIMARY KEY CHECK (length(id) = 32), -- hash of content
    patient          INTEGER NOT NULL,
    clinician        BLOB NOT NULL CHECK (length(clinician) = 20),
    at               INTEGER NOT NULL,
    content          BLOB NOT NULL,
    revision         INTEGER NOT NULL,
    expiry           INTEGER NOT NULL,
    signature        BLOB NOT NULL CHECK (length(signature) = 65),
    second           BLOB CHECK (length(second) = 20 AND second <> clinician), -- who countersigned; NULL = nobody has, nor is what follows there
    second_at        INTEGER CHECK ((second_at IS NULL) = (second IS NULL)),
    second_content   BLOB CHECK ((second_content IS NULL) = (second IS NULL)),
    second_revision  INTEGER CHECK ((second_revision IS NULL) = (second IS NULL)),
    second_expiry    INTEGER CHECK ((second_expiry IS NULL) = (second IS NULL)),
    second_signature BLOB CHECK ((second_signature IS NULL) = (second IS NULL) AND length(second_signature) = 65)
) STRICT;
CREATE INDEX emergencies_by_time ON emergencies (at, id);
CREATE INDEX emergencies_by_patient ON emergencies (patient, at, id);
CREATE INDEX emergencies_by_clinician ON emergencies (clinician, at);

CREATE TRIGGER spent_never_falls BEFORE UPDATE ON scopes
WHEN NEW.spent_nano_rho < OLD.spent_nano_rho OR NEW.spent_delta < OLD.spent_delta OR NEW.spent_nano_epsilon < OLD.spent_nano_epsilon OR NEW.kind <> OLD.kind
BEGIN
    SELECT RAISE(ABORT, 'what a scope has spent never falls and its kind is fixed');
END;

CREATE TRIGGER used_never_falls BEFORE UPDATE ON standing
WHEN NEW.used_nano_rho < OLD.used_nano_rho OR NEW.used_delta < OLD.used_delta OR NEW.used_nano_epsilon < OLD.used_nano_epsilon
    OR NEW.unasked_nano_rho < OLD.unasked_nano_rho OR NEW.unasked_delta < OLD.unasked_delta
    OR NEW.asked_nano_rho < OLD.asked_nano_rho OR NEW.asked_delta < OLD.asked_delta OR NEW.asked_nano_epsilon < OLD.asked_nano_epsilon
    OR NEW.asked_size < OLD.asked_size
BEGIN
    SELECT RAISE(ABORT, 'what was used and asked for never falls');
END;

CREATE TRIGGER revisions_follow_one_another BEFORE INSERT ON events
WHEN NEW.revision <> 1 + coalesce((SELECT e.revision FROM events AS e WHERE e.patient = NEW.patient ORDER BY e.seq DESC LIMIT 1), 0)
BEGIN
    SELECT RAISE(ABORT, 'a revision is one more than the patient''s last');
END;

CREATE TRIGGER class_stays BEFORE UPDATE ON classes
WHEN NEW.hash <> OLD.hash OR NEW.place <> OLD.place OR NEW.since <> OLD.since
    OR NEW.base_nano_rho <> OLD.base_nano_rho OR NEW.base_delta <> OLD.base_delta
BEGIN
    SELECT RAISE(ABORT, 'what a class is and where its odometer began stays');
END;

CREATE TRIGGER odometer_never_falls BEFORE UPDATE ON charges
WHEN NEW.number <> OLD.number OR NEW.nano_rho <> OLD.nano_rho OR NEW.delta <> OLD.delta OR NEW.classes <> OLD.classes
BEGIN
    SELECT RAISE(ABORT, 'the odometer of a class never falls: what was charged stays');
END;

CREATE TRIGGER totals_stay BEFORE UPDATE ON odometers
BEGIN
    SELECT RAISE(ABORT, 'the odometer of a class never falls: what was added up stays');
END;
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
-- +goose StatementEnd
