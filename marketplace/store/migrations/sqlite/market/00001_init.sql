-- Units: nano_rho 10^-9 rho; work, drawn, settled, escrow, cumulative expected hashes;
-- *_at Unix seconds. Hashes 32 bytes, addresses 20, signatures 65. No amount
-- passes 2^53 - 1, the most a document can hold.

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

-- What tells a store that was brought back from a backup.
CREATE TABLE standing (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    copied INTEGER NOT NULL CHECK (copied IN (0, 1)), -- it is a copy, and has not been held against the chain since
    ever   INTEGER NOT NULL CHECK (ever IN (0, 1)) -- it was brought back from a backup at some time
) STRICT;
INSERT INTO standing (one, copied, ever) VALUES (1, 0, 0);

CREATE TABLE studies (
    number     INTEGER PRIMARY KEY,
    document   BLOB NOT NULL UNIQUE CHECK (length(document) = 32), -- hash of content
    content    BLOB NOT NULL,
    revision   INTEGER NOT NULL CHECK (revision >= 0),
    expiry     INTEGER NOT NULL,
    signature  BLOB NOT NULL CHECK (length(signature) = 65),
    approval   BLOB CHECK (length(approval) = 65), -- NULL while pending
    first      INTEGER REFERENCES studies (number), -- the document that this took the place of, or that one did, and so on; NULL: none
    created_at INTEGER NOT NULL
) STRICT;

-- Studies before their committees, by the number of their first document.
CREATE TABLE reviews (
    study        INTEGER PRIMARY KEY REFERENCES studies (number),
    document     INTEGER NOT NULL UNIQUE REFERENCES studies (number), -- the present one
    organisation BLOB NOT NULL CHECK (length(organisation) = 32), -- of the committee
    state        TEXT NOT NULL,
    steps        INTEGER NOT NULL CHECK (steps >= 1),
    recorded     INTEGER NOT NULL DEFAULT 0 CHECK (recorded BETWEEN 0 AND steps) -- final on the chain
) STRICT;
CREATE INDEX reviews_unrecorded ON reviews (study) WHERE recorded < steps;

CREATE TABLE review_steps (
    study  INTEGER NOT NULL REFERENCES reviews (study),
    number INTEGER NOT NULL CHECK (number >= 1),
    entry  BLOB NOT NULL, -- canonical
    PRIMARY KEY (study, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE review_files (
    number  INTEGER PRIMARY KEY,
    study   INTEGER NOT NULL REFERENCES reviews (study),
    role    TEXT NOT NULL CHECK (role IN ('applicant', 'committee')),
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    name    TEXT NOT NULL,
    content BLOB NOT NULL CHECK (length(content) BETWEEN 1 AND 1048576),
    UNIQUE (study, hash)
) STRICT;

-- Acceptances of datasets' terms, the last of each researcher.
CREATE TABLE acceptances (
    dataset    TEXT NOT NULL,
    researcher BLOB NOT NULL CHECK (length(researcher) = 20),
    content    BLOB NOT NULL,
    revision   INTEGER NOT NULL CHECK (revision >= 0),
    expiry     INTEGER NOT NULL,
    signature  BLOB NOT NULL CHECK (length(signature) = 65),
    PRIMARY KEY (dataset, researcher)
) STRICT, WITHOUT ROWID;

-- What a study's asks have taken of its allocation at a dataset; of a study that was amended, under its first grant.
CREATE TABLE allocations (
    study      INTEGER NOT NULL REFERENCES studies (number),
    dataset    TEXT NOT NULL,
    allocation INTEGER NOT NULL CHECK (allocation BETWEEN 0 AND 9007199254740991), -- nano_rho, as last reserved against
    taken      INTEGER NOT NULL CHECK (taken BETWEEN 0 AND allocation),
    PRIMARY KEY (study, dataset)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    researcher BLOB PRIMARY KEY CHECK (length(researcher) = 20),
    escrow     INTEGER NOT NULL CHECK (escrow BETWEEN 0 AND 9007199254740991), -- as last reserved against
    drawn      INTEGER NOT NULL CHECK (drawn BETWEEN 0 AND escrow),
    settled    INTEGER NOT NULL CHECK (settled BETWEEN 0 AND 9007199254740991) -- may pass drawn when an ask is cancelled
) STRICT, WITHOUT ROWID;

-- Asks reserved or complete; a cancelled one is deleted.
CREATE TABLE asks (
    request     BLOB PRIMARY KEY CHECK (length(request) = 32),
    ask_hash    BLOB NOT NULL CHECK (length(ask_hash) = 32),
    ask         BLOB NOT NULL, -- canonical
    researcher  BLOB NOT NULL REFERENCES accounts (researcher),
    study       INTEGER NOT NULL REFERENCES studies (number), -- the ask's grant
    work        INTEGER NOT NULL CHECK (work >= 0), -- of all hospitals; once complete, of those who answered
    marketplace BLOB NOT NULL CHECK (length(marketplace) = 20),
    cumulative  INTEGER NOT NULL CHECK (cumulative >= work), -- of the voucher
    signature   BLOB NOT NULL CHECK (length(signature) = 65), -- of the voucher
    reserved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX asks_by_voucher ON asks (researcher, cumulative);

-- What an ask takes for each hospital that it names, and what that one has answered.
CREATE TABLE ask_hospitals (
    request  BLOB NOT NULL REFERENCES asks (request) ON DELETE CASCADE,
    place    INTEGER NOT NULL CHECK (place BETWEEN 0 AND 15), -- in the ask
    budget   INTEGER NOT NULL, -- whose allocation it takes from
    dataset  TEXT NOT NULL,
    nano_rho INTEGER NOT NULL CHECK (nano_rho >= 0),
    work     INTEGER NOT NULL CHECK (work >= 0),
    release  BLOB, -- canonical, kept until the receipt has it
    PRIMARY KEY (request, place),
    FOREIGN KEY (budget, dataset) REFERENCES allocations (study, dataset)
) STRICT, WITHOUT ROWID;
CREATE INDEX ask_hospitals_by_allocation ON ask_hospitals (budget, dataset);

CREATE TABLE receipts (
    request   BLOB PRIMARY KEY REFERENCES asks (request), -- so a complete ask cannot be deleted
    study     INTEGER NOT NULL REFERENCES studies (number), -- the ask's
    question  BLOB NOT NULL CHECK (length(question) = 32), -- asks with the same one share an answer
    as_of     INTEGER NOT NULL CHECK (as_of >= 0), -- least of the hospitals' logs that it stands on
    document  BLOB NOT NULL, -- what the leaf is the hash of
    log_index INTEGER NOT NULL UNIQUE CHECK (log_index >= 0)
) STRICT;
CREATE INDEX receipts_by_question ON receipts (question, log_index);
CREATE INDEX receipts_by_study ON receipts (study, log_index);

CREATE TABLE anchors (
    size  INTEGER PRIMARY KEY CHECK (size > 0), -- leaves of the log
    root  BLOB NOT NULL CHECK (length(root) = 32),
    block INTEGER NOT NULL CHECK (block >= 0)
) STRICT;

CREATE TRIGGER settled_never_falls BEFORE UPDATE ON accounts WHEN NEW.settled < OLD.settled
BEGIN
    SELECT RAISE(ABORT, 'what is settled never falls');
END;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP TABLE anchors;
DROP TABLE receipts;
DROP TABLE ask_hospitals;
DROP TABLE asks;
DROP TABLE accounts;
DROP TABLE allocations;
DROP TABLE acceptances;
DROP TABLE review_files;
DROP TABLE review_steps;
DROP TABLE reviews;
DROP TABLE studies;
DROP TABLE standing;
DROP TABLE log_hashes;
DROP TABLE log_size;
-- +goose StatementEnd
