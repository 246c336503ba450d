-- How the kits of a batch come to exist.

-- What can be seen of the kits of a batch from outside, as it was registered: the same for all kit types.
CREATE TABLE batch_attribute (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (study, batch, name),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER batch_attribute_no_update BEFORE UPDATE ON batch_attribute
BEGIN SELECT RAISE(ABORT, 'batch_attribute is append-only'); END;
CREATE TRIGGER batch_attribute_no_delete BEFORE DELETE ON batch_attribute
BEGIN SELECT RAISE(ABORT, 'batch_attribute is append-only'); END;

-- Packaging lists that left the service, each for one recipient's key. The list itself is not kept.
CREATE TABLE packaging_list (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    entry INTEGER NOT NULL,
    recipient_opening TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    exported_by TEXT NOT NULL,
    exported_at TEXT NOT NULL,
    PRIMARY KEY (study, batch, entry),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER packaging_list_no_update BEFORE UPDATE ON packaging_list
BEGIN SELECT RAISE(ABORT, 'packaging_list is append-only'); END;
CREATE TRIGGER packaging_list_no_delete BEFORE DELETE ON packaging_list
BEGIN SELECT RAISE(ABORT, 'packaging_list is append-only'); END;

-- What came back from the packager and was reconciled. The SHA-256 of the file stands behind an opening.
CREATE TABLE packing (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    kits INTEGER NOT NULL,
    file_opening TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (study, batch, attempt),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER packing_no_update BEFORE UPDATE ON packing
BEGIN SELECT RAISE(ABORT, 'packing is append-only'); END;
CREATE TRIGGER packing_no_delete BEFORE DELETE ON packing
BEGIN SELECT RAISE(ABORT, 'packing is append-only'); END;

-- Checks of a sample of a packing, each once. Which kits, the leaf says; what was found stands behind an opening.
CREATE TABLE sample_check (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    passed INTEGER NOT NULL,
    found_opening TEXT NOT NULL,
    checked_by TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    PRIMARY KEY (study, batch, attempt),
    FOREIGN KEY (study, batch, attempt) REFERENCES packing (study, batch, attempt)
) STRICT;
CREATE TRIGGER sample_check_no_update BEFORE UPDATE ON sample_check
BEGIN SELECT RAISE(ABORT, 'sample_check is append-only'); END;
CREATE TRIGGER sample_check_no_delete BEFORE DELETE ON sample_check
BEGIN SELECT RAISE(ABORT, 'sample_check is append-only'); END;
