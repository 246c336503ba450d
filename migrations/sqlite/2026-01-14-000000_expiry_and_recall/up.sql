-- Label expiries that change, and recalls of whole batches.

-- Extensions of a batch's label expiry, as one person proposed them.
CREATE TABLE expiry_extension (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    batch TEXT NOT NULL,
    from_expiry TEXT NOT NULL,
    label_expiry TEXT NOT NULL,
    lots_opening TEXT NOT NULL,
    reason_opening TEXT NOT NULL,
    entry INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER expiry_extension_no_update BEFORE UPDATE ON expiry_extension
BEGIN SELECT RAISE(ABORT, 'expiry_extension is append-only'); END;
CREATE TRIGGER expiry_extension_no_delete BEFORE DELETE ON expiry_extension
BEGIN SELECT RAISE(ABORT, 'expiry_extension is append-only'); END;

-- Label expiries that came into force after the registration: by a shortening, or by an extension that a second person
-- confirmed. The last one counts.
CREATE TABLE batch_expiry (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    entry INTEGER NOT NULL,
    label_expiry TEXT NOT NULL,
    extension TEXT NULL,
    reason_opening TEXT NULL,
    evidence BLOB NOT NULL,
    set_by TEXT NOT NULL,
    set_at TEXT NOT NULL,
    PRIMARY KEY (study, batch, entry),
    UNIQUE (study, extension),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id),
    FOREIGN KEY (study, extension) REFERENCES expiry_extension (study, id)
) STRICT;
CREATE TRIGGER batch_expiry_no_update BEFORE UPDATE ON batch_expiry
BEGIN SELECT RAISE(ABORT, 'batch_expiry is append-only'); END;
CREATE TRIGGER batch_expiry_no_delete BEFORE DELETE ON batch_expiry
BEGIN SELECT RAISE(ABORT, 'batch_expiry is append-only'); END;

-- Batches that were called back, each once.
CREATE TABLE batch_recall (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    entry INTEGER NOT NULL,
    reason_opening TEXT NOT NULL,
    evidence BLOB NOT NULL,
    recalled_by TEXT NOT NULL,
    recalled_at TEXT NOT NULL,
    PRIMARY KEY (study, batch),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER batch_recall_no_update BEFORE UPDATE ON batch_recall
BEGIN SELECT RAISE(ABORT, 'batch_recall is append-only'); END;
CREATE TRIGGER batch_recall_no_delete BEFORE DELETE ON batch_recall
BEGIN SELECT RAISE(ABORT, 'batch_recall is append-only'); END;
