-- Batches, kits, movements, allocations and handovers.

CREATE TABLE batch (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    label_expiry TEXT NOT NULL,
    lots_opening TEXT NOT NULL,
    registered_by TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER batch_no_update BEFORE UPDATE ON batch
BEGIN SELECT RAISE(ABORT, 'batch is append-only'); END;
CREATE TRIGGER batch_no_delete BEFORE DELETE ON batch
BEGIN SELECT RAISE(ABORT, 'batch is append-only'); END;

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

CREATE TABLE kit (
    study TEXT NOT NULL,
    number TEXT NOT NULL,
    batch TEXT NOT NULL,
    opening TEXT NOT NULL,
    PRIMARY KEY (study, number),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER kit_no_update BEFORE UPDATE ON kit
BEGIN SELECT RAISE(ABORT, 'kit is append-only'); END;
CREATE TRIGGER kit_no_delete BEFORE DELETE ON kit
BEGIN SELECT RAISE(ABORT, 'kit is append-only'); END;

CREATE TABLE kit_state (
    study TEXT NOT NULL,
    kit TEXT NOT NULL,
    state TEXT NOT NULL,
    site TEXT NULL,
    subject TEXT NULL,
    visit TEXT NULL,
    PRIMARY KEY (study, kit),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE INDEX kit_state_by_site_state ON kit_state (study, site, state);

CREATE TABLE movement (
    study TEXT NOT NULL,
    entry INTEGER NOT NULL,
    kit TEXT NOT NULL,
    from_state TEXT NULL,
    to_state TEXT NOT NULL,
    kit_move TEXT NOT NULL,
    site TEXT NULL,
    subject TEXT NULL,
    visit TEXT NULL,
    happened_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    reason TEXT NULL,
    PRIMARY KEY (study, entry, kit, kit_move),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE TRIGGER movement_no_update BEFORE UPDATE ON movement
BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END;
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement
BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END;

CREATE TABLE kit_allocation (
    study TEXT NOT NULL,
    subject TEXT NOT NULL,
    visit TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    kit TEXT NOT NULL,
    through TEXT NOT NULL,
    allocated_at TEXT NOT NULL,
    PRIMARY KEY (study, subject, visit, attempt, slot),
    UNIQUE (study, kit),
    FOREIGN KEY (study, subject) REFERENCES randomization (study, subject),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE TRIGGER kit_allocation_no_update BEFORE UPDATE ON kit_allocation
BEGIN SELECT RAISE(ABORT, 'kit_allocation is append-only'); END;
CREATE TRIGGER kit_allocation_no_delete BEFORE DELETE ON kit_allocation
BEGIN SELECT RAISE(ABORT, 'kit_allocation is append-only'); END;

CREATE TABLE dispensation (
    id TEXT NOT NULL,
    study TEXT NOT NULL,
    subject TEXT NOT NULL,
    visit TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    day TEXT NOT NULL,
    in_window INTEGER NOT NULL,
    reason_opening TEXT NULL,
    dispensed_by TEXT NOT NULL,
    dispensed_at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (study, subject, visit),
    FOREIGN KEY (study, subject) REFERENCES randomization (study, subject)
) STRICT;
CREATE TRIGGER dispensation_no_update BEFORE UPDATE ON dispensation
BEGIN SELECT RAISE(ABORT, 'dispensation is append-only'); END;
CREATE TRIGGER dispensation_no_delete BEFORE DELETE ON dispensation
BEGIN SELECT RAISE(ABORT, 'dispensation is append-only'); END;

CREATE TABLE handover (
    study TEXT NOT NULL,
    kit TEXT NOT NULL,
    dispensation TEXT NOT NULL,
    handed_by TEXT NOT NULL,
    handed_at TEXT NOT NULL,
    PRIMARY KEY (study, kit),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id)
) STRICT;
CREATE TRIGGER handover_no_update BEFORE UPDATE ON handover
BEGIN SELECT RAISE(ABORT, 'handover is append-only'); END;
CREATE TRIGGER handover_no_delete BEFORE DELETE ON handover
BEGIN SELECT RAISE(ABORT, 'handover is append-only'); END;

CREATE TABLE wrong_scan (
    dispensation TEXT NOT NULL,
    entry INTEGER NOT NULL,
    opening TEXT NOT NULL,
    scanned_by TEXT NOT NULL,
    scanned_at TEXT NOT NULL,
    PRIMARY KEY (dispensation, entry),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id)
) STRICT;
CREATE TRIGGER wrong_scan_no_update BEFORE UPDATE ON wrong_scan
BEGIN SELECT RAISE(ABORT, 'wrong_scan is append-only'); END;
CREATE TRIGGER wrong_scan_no_delete BEFORE DELETE ON wrong_scan
BEGIN SELECT RAISE(ABORT, 'wrong_scan is append-only'); END;
