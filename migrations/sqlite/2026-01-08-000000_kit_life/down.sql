DROP TABLE batch_step;
CREATE TABLE batch_release (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    released_by TEXT NOT NULL,
    released_at TEXT NOT NULL,
    PRIMARY KEY (study, batch),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER batch_release_no_update BEFORE UPDATE ON batch_release
BEGIN SELECT RAISE(ABORT, 'batch_release is append-only'); END;
CREATE TRIGGER batch_release_no_delete BEFORE DELETE ON batch_release
BEGIN SELECT RAISE(ABORT, 'batch_release is append-only'); END;
DROP TABLE depot;
ALTER TABLE movement DROP COLUMN shipment;
ALTER TABLE movement DROP COLUMN depot;
ALTER TABLE kit_state DROP COLUMN given;
ALTER TABLE kit_state DROP COLUMN released;
ALTER TABLE kit_state DROP COLUMN shipment;
ALTER TABLE kit_state DROP COLUMN depot;
ALTER TABLE site DROP COLUMN country;
