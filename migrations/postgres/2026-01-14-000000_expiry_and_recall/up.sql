-- Label expiries that change, and recalls of whole batches.

-- Extensions of a batch's label expiry, as one person proposed them.
CREATE TABLE expiry_extension (
    study text NOT NULL,
    id text NOT NULL,
    batch text NOT NULL,
    from_expiry date NOT NULL,
    label_expiry date NOT NULL,
    lots_opening text NOT NULL,
    reason_opening text NOT NULL,
    entry bigint NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER expiry_extension_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON expiry_extension
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Label expiries that came into force after the registration: by a shortening, or by an extension that a second person
-- confirmed. The last one counts.
CREATE TABLE batch_expiry (
    study text NOT NULL,
    batch text NOT NULL,
    entry bigint NOT NULL,
    label_expiry date NOT NULL,
    extension text NULL,
    reason_opening text NULL,
    evidence bytea NOT NULL,
    set_by text NOT NULL,
    set_at timestamp NOT NULL,
    PRIMARY KEY (study, batch, entry),
    UNIQUE (study, extension),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id),
    FOREIGN KEY (study, extension) REFERENCES expiry_extension (study, id)
);
CREATE TRIGGER batch_expiry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_expiry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Batches that were called back, each once.
CREATE TABLE batch_recall (
    study text NOT NULL,
    batch text NOT NULL,
    entry bigint NOT NULL,
    reason_opening text NOT NULL,
    evidence bytea NOT NULL,
    recalled_by text NOT NULL,
    recalled_at timestamp NOT NULL,
    PRIMARY KEY (study, batch),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER batch_recall_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_recall
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
