-- Accountability: counts of what came back, reconciliations with two signatures, destructions with two.

-- What the pharmacist counted of a kit that came back; the last count counts.
CREATE TABLE kit_count (
    study TEXT NOT NULL,
    entry INTEGER NOT NULL,
    kit TEXT NOT NULL,
    used INTEGER NOT NULL,
    unused INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    reason_opening TEXT NULL,
    counted_by TEXT NOT NULL,
    counted_at TEXT NOT NULL,
    PRIMARY KEY (study, entry),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE TRIGGER kit_count_no_update BEFORE UPDATE ON kit_count
BEGIN SELECT RAISE(ABORT, 'kit_count is append-only'); END;
CREATE TRIGGER kit_count_no_delete BEFORE DELETE ON kit_count
BEGIN SELECT RAISE(ABORT, 'kit_count is append-only'); END;

-- A signed explanation of kits at a site or a depot.
CREATE TABLE kit_reconciliation (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    site TEXT NULL,
    depot TEXT NULL,
    closing INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    signed_by TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER kit_reconciliation_no_update BEFORE UPDATE ON kit_reconciliation
BEGIN SELECT RAISE(ABORT, 'kit_reconciliation is append-only'); END;
CREATE TRIGGER kit_reconciliation_no_delete BEFORE DELETE ON kit_reconciliation
BEGIN SELECT RAISE(ABORT, 'kit_reconciliation is append-only'); END;

-- The kits of each, with why one that is not there is not there.
CREATE TABLE kit_reconciliation_kit (
    study TEXT NOT NULL,
    reconciliation TEXT NOT NULL,
    kit TEXT NOT NULL,
    reason_opening TEXT NULL,
    PRIMARY KEY (study, reconciliation, kit),
    FOREIGN KEY (study, reconciliation) REFERENCES kit_reconciliation (study, id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE TRIGGER kit_reconciliation_kit_no_update BEFORE UPDATE ON kit_reconciliation_kit
BEGIN SELECT RAISE(ABORT, 'kit_reconciliation_kit is append-only'); END;
CREATE TRIGGER kit_reconciliation_kit_no_delete BEFORE DELETE ON kit_reconciliation_kit
BEGIN SELECT RAISE(ABORT, 'kit_reconciliation_kit is append-only'); END;

-- The second signature.
CREATE TABLE kit_reconciliation_confirmation (
    study TEXT NOT NULL,
    reconciliation TEXT NOT NULL,
    entry INTEGER NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_at TEXT NOT NULL,
    PRIMARY KEY (study, reconciliation),
    FOREIGN KEY (study, reconciliation) REFERENCES kit_reconciliation (study, id)
) STRICT;
CREATE TRIGGER kit_reconciliation_confirmation_no_update BEFORE UPDATE ON kit_reconciliation_confirmation
BEGIN SELECT RAISE(ABORT, 'kit_reconciliation_confirmation is append-only'); END;
CREATE TRIGGER kit_reconciliation_confirmation_no_delete BEFORE DELETE ON kit_reconciliation_confirmation
BEGIN SELECT RAISE(ABORT, 'kit_reconciliation_confirmation is append-only'); END;

-- Kits that are to be destroyed.
CREATE TABLE destruction (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    site TEXT NULL,
    depot TEXT NULL,
    entry INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER destruction_no_update BEFORE UPDATE ON destruction
BEGIN SELECT RAISE(ABORT, 'destruction is append-only'); END;
CREATE TRIGGER destruction_no_delete BEFORE DELETE ON destruction
BEGIN SELECT RAISE(ABORT, 'destruction is append-only'); END;

-- The kits of each.
CREATE TABLE destruction_kit (
    study TEXT NOT NULL,
    destruction TEXT NOT NULL,
    kit TEXT NOT NULL,
    PRIMARY KEY (study, destruction, kit),
    FOREIGN KEY (study, destruction) REFERENCES destruction (study, id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE TRIGGER destruction_kit_no_update BEFORE UPDATE ON destruction_kit
BEGIN SELECT RAISE(ABORT, 'destruction_kit is append-only'); END;
CREATE TRIGGER destruction_kit_no_delete BEFORE DELETE ON destruction_kit
BEGIN SELECT RAISE(ABORT, 'destruction_kit is append-only'); END;

-- The sponsor's signature, with which the kits count as destroyed.
CREATE TABLE destruction_authorization (
    study TEXT NOT NULL,
    destruction TEXT NOT NULL,
    entry INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    authorized_by TEXT NOT NULL,
    authorized_at TEXT NOT NULL,
    PRIMARY KEY (study, destruction),
    FOREIGN KEY (study, destruction) REFERENCES destruction (study, id)
) STRICT;
CREATE TRIGGER destruction_authorization_no_update BEFORE UPDATE ON destruction_authorization
BEGIN SELECT RAISE(ABORT, 'destruction_authorization is append-only'); END;
CREATE TRIGGER destruction_authorization_no_delete BEFORE DELETE ON destruction_authorization
BEGIN SELECT RAISE(ABORT, 'destruction_authorization is append-only'); END;

CREATE INDEX kit_count_by_kit ON kit_count (study, kit);
