-- Labels of whole batches that were printed, the first time and again.
CREATE TABLE label_print (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    entry INTEGER NOT NULL,
    language TEXT NOT NULL,
    label_expiry TEXT NOT NULL,
    labels INTEGER NOT NULL,
    file_hash BLOB NOT NULL,
    reason_opening TEXT NULL,
    printed_by TEXT NOT NULL,
    printed_at TEXT NOT NULL,
    PRIMARY KEY (study, batch, entry),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER label_print_no_update BEFORE UPDATE ON label_print
BEGIN SELECT RAISE(ABORT, 'label_print is append-only'); END;
CREATE TRIGGER label_print_no_delete BEFORE DELETE ON label_print
BEGIN SELECT RAISE(ABORT, 'label_print is append-only'); END;
