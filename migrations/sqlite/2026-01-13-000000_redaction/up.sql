-- Redactions: texts that were typed by mistake and tell who somebody is (AUD-13).

-- What one person proposed. The commitment stays in its leaf, and the opening goes when a second person confirms it;
-- so nothing refers to the opening by a foreign key.
CREATE TABLE redaction (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    leaf INTEGER NOT NULL,
    field TEXT NOT NULL,
    commitment BLOB NOT NULL,
    opening TEXT NOT NULL,
    why TEXT NOT NULL,
    site TEXT NULL,
    entry INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER redaction_no_update BEFORE UPDATE ON redaction
BEGIN SELECT RAISE(ABORT, 'redaction is append-only'); END;
CREATE TRIGGER redaction_no_delete BEFORE DELETE ON redaction
BEGIN SELECT RAISE(ABORT, 'redaction is append-only'); END;

-- The second signature, with which the text is gone.
CREATE TABLE redaction_confirmation (
    study TEXT NOT NULL,
    redaction TEXT NOT NULL,
    entry INTEGER NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_at TEXT NOT NULL,
    PRIMARY KEY (study, redaction),
    FOREIGN KEY (study, redaction) REFERENCES redaction (study, id)
) STRICT;
CREATE TRIGGER redaction_confirmation_no_update BEFORE UPDATE ON redaction_confirmation
BEGIN SELECT RAISE(ABORT, 'redaction_confirmation is append-only'); END;
CREATE TRIGGER redaction_confirmation_no_delete BEFORE DELETE ON redaction_confirmation
BEGIN SELECT RAISE(ABORT, 'redaction_confirmation is append-only'); END;

CREATE INDEX redaction_by_opening ON redaction (study, opening);
