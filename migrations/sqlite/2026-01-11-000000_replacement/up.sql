-- Kits of a dispensation that were replaced, each by one.

CREATE TABLE kit_replacement (
    study TEXT NOT NULL,
    kit TEXT NOT NULL,
    dispensation TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    new_kit TEXT NOT NULL,
    why TEXT NOT NULL,
    over_limit INTEGER NOT NULL,
    reason_opening TEXT NULL,
    replaced_by TEXT NOT NULL,
    replaced_at TEXT NOT NULL,
    PRIMARY KEY (study, kit),
    UNIQUE (study, new_kit),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id),
    FOREIGN KEY (study, kit) REFERENCES kit_allocation (study, kit),
    FOREIGN KEY (study, new_kit) REFERENCES kit_allocation (study, kit)
) STRICT;
CREATE TRIGGER kit_replacement_no_update BEFORE UPDATE ON kit_replacement
BEGIN SELECT RAISE(ABORT, 'kit_replacement is append-only'); END;
CREATE TRIGGER kit_replacement_no_delete BEFORE DELETE ON kit_replacement
BEGIN SELECT RAISE(ABORT, 'kit_replacement is append-only'); END;
