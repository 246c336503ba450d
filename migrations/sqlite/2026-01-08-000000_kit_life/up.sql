-- The whole life of a kit: countries, depots, shipments as places, and the two steps of a release.

-- ZZ is nobody's country (ISO 3166-1 leaves it to users): what was added before countries were asked for.
ALTER TABLE site ADD COLUMN country TEXT NOT NULL DEFAULT 'ZZ';

ALTER TABLE kit_state ADD COLUMN depot TEXT NULL;
ALTER TABLE kit_state ADD COLUMN shipment TEXT NULL;
ALTER TABLE kit_state ADD COLUMN released INTEGER NOT NULL DEFAULT false;
ALTER TABLE kit_state ADD COLUMN given INTEGER NOT NULL DEFAULT false;
UPDATE kit_state SET released = true WHERE state <> 'registered';
UPDATE kit_state SET given = true WHERE state IN ('dispensed', 'dispensed_in_error');

ALTER TABLE movement ADD COLUMN depot TEXT NULL;
ALTER TABLE movement ADD COLUMN shipment TEXT NULL;

CREATE TABLE depot (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER depot_no_update BEFORE UPDATE ON depot
BEGIN SELECT RAISE(ABORT, 'depot is append-only'); END;
CREATE TRIGGER depot_no_delete BEFORE DELETE ON depot
BEGIN SELECT RAISE(ABORT, 'depot is append-only'); END;

DROP TABLE batch_release;
CREATE TABLE batch_step (
    study TEXT NOT NULL,
    batch TEXT NOT NULL,
    country TEXT NOT NULL,
    step TEXT NOT NULL,
    taken_by TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    PRIMARY KEY (study, batch, country, step),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER batch_step_no_update BEFORE UPDATE ON batch_step
BEGIN SELECT RAISE(ABORT, 'batch_step is append-only'); END;
CREATE TRIGGER batch_step_no_delete BEFORE DELETE ON batch_step
BEGIN SELECT RAISE(ABORT, 'batch_step is append-only'); END;
