-- Kits that were checked before their handover, and the handovers of a dispensation.

CREATE TABLE kit_check (
    study TEXT NOT NULL,
    entry INTEGER NOT NULL,
    dispensation TEXT NOT NULL,
    kit TEXT NOT NULL,
    checked_by TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    PRIMARY KEY (study, entry),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE INDEX kit_check_kit ON kit_check (study, kit);
CREATE TRIGGER kit_check_no_update BEFORE UPDATE ON kit_check
BEGIN SELECT RAISE(ABORT, 'kit_check is append-only'); END;
CREATE TRIGGER kit_check_no_delete BEFORE DELETE ON kit_check
BEGIN SELECT RAISE(ABORT, 'kit_check is append-only'); END;

CREATE INDEX handover_dispensation ON handover (dispensation);
