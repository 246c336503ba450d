-- The foundation: journal trees, openings, studies and their designs, data keys, receipts, notices.
-- Every table is append-only unless schema.rs lists it as changeable; a mistake is corrected by another row.

CREATE TABLE tree_head (
    tree TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 0),
    size INTEGER NOT NULL CHECK (size >= 0),
    frontier BLOB NOT NULL
) STRICT;

CREATE TABLE journal_leaf (
    tree TEXT NOT NULL REFERENCES tree_head (tree),
    leaf_index INTEGER NOT NULL CHECK (leaf_index >= 0),
    leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (tree, leaf_index)
) STRICT;
CREATE TRIGGER journal_leaf_no_update BEFORE UPDATE ON journal_leaf
BEGIN SELECT RAISE(ABORT, 'journal_leaf is append-only'); END;
CREATE TRIGGER journal_leaf_no_delete BEFORE DELETE ON journal_leaf
BEGIN SELECT RAISE(ABORT, 'journal_leaf is append-only'); END;

CREATE TABLE checkpoint (
    tree TEXT NOT NULL REFERENCES tree_head (tree),
    size INTEGER NOT NULL CHECK (size >= 0),
    note TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    PRIMARY KEY (tree, size)
) STRICT;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;

-- Openings are re-encrypted when a data key is rotated and deleted by a redaction, so nothing refers to them
-- by a foreign key.
CREATE TABLE opening (
    id TEXT NOT NULL PRIMARY KEY,
    tree TEXT NOT NULL REFERENCES tree_head (tree),
    kind TEXT NOT NULL,
    key_version INTEGER NOT NULL CHECK (key_version >= 0),
    ciphertext BLOB NOT NULL
) STRICT;

CREATE TABLE data_key (
    tree TEXT NOT NULL REFERENCES tree_head (tree),
    version INTEGER NOT NULL CHECK (version >= 0),
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tree, version)
) STRICT;

CREATE TABLE study (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER study_no_update BEFORE UPDATE ON study
BEGIN SELECT RAISE(ABORT, 'study is append-only'); END;
CREATE TRIGGER study_no_delete BEFORE DELETE ON study
BEGIN SELECT RAISE(ABORT, 'study is append-only'); END;

CREATE TABLE study_design (
    study TEXT NOT NULL REFERENCES study (id),
    version INTEGER NOT NULL CHECK (version >= 1),
    design TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    sealed_opening TEXT NOT NULL,
    loaded_at TEXT NOT NULL,
    PRIMARY KEY (study, version)
) STRICT;
CREATE TRIGGER study_design_no_update BEFORE UPDATE ON study_design
BEGIN SELECT RAISE(ABORT, 'study_design is append-only'); END;
CREATE TRIGGER study_design_no_delete BEFORE DELETE ON study_design
BEGIN SELECT RAISE(ABORT, 'study_design is append-only'); END;

CREATE TABLE receipt (
    study TEXT NOT NULL REFERENCES study (id),
    idem_key TEXT NOT NULL,
    user_id TEXT NOT NULL,
    action TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    outcome TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (study, idem_key)
) STRICT;
CREATE TRIGGER receipt_no_update BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is append-only'); END;
CREATE TRIGGER receipt_no_delete BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is append-only'); END;

CREATE TABLE receipt_replay (
    study TEXT NOT NULL REFERENCES study (id),
    head_version INTEGER NOT NULL CHECK (head_version >= 0),
    idem_key TEXT NOT NULL,
    replayed_at TEXT NOT NULL,
    PRIMARY KEY (study, head_version),
    FOREIGN KEY (study, idem_key) REFERENCES receipt (study, idem_key)
) STRICT;
CREATE TRIGGER receipt_replay_no_update BEFORE UPDATE ON receipt_replay
BEGIN SELECT RAISE(ABORT, 'receipt_replay is append-only'); END;
CREATE TRIGGER receipt_replay_no_delete BEFORE DELETE ON receipt_replay
BEGIN SELECT RAISE(ABORT, 'receipt_replay is append-only'); END;

CREATE TABLE notice (
    id TEXT NOT NULL PRIMARY KEY,
    tree TEXT NOT NULL REFERENCES tree_head (tree),
    recipient TEXT NOT NULL,
    template TEXT NOT NULL,
    params TEXT NOT NULL,
    audience TEXT NOT NULL CHECK (audience IN ('blinded', 'unblinded')),
    queued_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER notice_no_update BEFORE UPDATE ON notice
BEGIN SELECT RAISE(ABORT, 'notice is append-only'); END;
CREATE TRIGGER notice_no_delete BEFORE DELETE ON notice
BEGIN SELECT RAISE(ABORT, 'notice is append-only'); END;

CREATE TABLE notice_delivery (
    notice TEXT NOT NULL PRIMARY KEY REFERENCES notice (id),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    due_at TEXT NOT NULL,
    delivered_at TEXT NULL,
    given_up_at TEXT NULL
) STRICT;
CREATE INDEX notice_delivery_due ON notice_delivery (due_at)
    WHERE delivered_at IS NULL AND given_up_at IS NULL;
