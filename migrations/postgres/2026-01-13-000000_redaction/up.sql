-- Redactions: texts that were typed by mistake and tell who somebody is (AUD-13).

-- What one person proposed. The commitment stays in its leaf, and the opening goes when a second person confirms it;
-- so nothing refers to the opening by a foreign key.
CREATE TABLE redaction (
    study text NOT NULL,
    id text NOT NULL,
    leaf bigint NOT NULL,
    field text NOT NULL,
    commitment bytea NOT NULL,
    opening text NOT NULL,
    why text NOT NULL,
    site text NULL,
    entry bigint NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER redaction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON redaction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The second signature, with which the text is gone.
CREATE TABLE redaction_confirmation (
    study text NOT NULL,
    redaction text NOT NULL,
    entry bigint NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamp NOT NULL,
    PRIMARY KEY (study, redaction),
    FOREIGN KEY (study, redaction) REFERENCES redaction (study, id)
);
CREATE TRIGGER redaction_confirmation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON redaction_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE INDEX redaction_by_opening ON redaction (study, opening);
