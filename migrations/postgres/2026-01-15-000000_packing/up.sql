-- How the kits of a batch come to exist.

-- What can be seen of the kits of a batch from outside, as it was registered: the same for all kit types.
CREATE TABLE batch_attribute (
    study text NOT NULL,
    batch text NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (study, batch, name),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER batch_attribute_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_attribute
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Packaging lists that left the service, each for one recipient's key. The list itself is not kept.
CREATE TABLE packaging_list (
    study text NOT NULL,
    batch text NOT NULL,
    entry bigint NOT NULL,
    recipient_opening text NOT NULL,
    recipient_key text NOT NULL,
    exported_by text NOT NULL,
    exported_at timestamp NOT NULL,
    PRIMARY KEY (study, batch, entry),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER packaging_list_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON packaging_list
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What came back from the packager and was reconciled. The SHA-256 of the file stands behind an opening.
CREATE TABLE packing (
    study text NOT NULL,
    batch text NOT NULL,
    attempt bigint NOT NULL,
    kits bigint NOT NULL,
    file_opening text NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp NOT NULL,
    PRIMARY KEY (study, batch, attempt),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER packing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON packing
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Checks of a sample of a packing, each once. Which kits, the leaf says; what was found stands behind an opening.
CREATE TABLE sample_check (
    study text NOT NULL,
    batch text NOT NULL,
    attempt bigint NOT NULL,
    entry bigint NOT NULL,
    passed boolean NOT NULL,
    found_opening text NOT NULL,
    checked_by text NOT NULL,
    checked_at timestamp NOT NULL,
    PRIMARY KEY (study, batch, attempt),
    FOREIGN KEY (study, batch, attempt) REFERENCES packing (study, batch, attempt)
);
CREATE TRIGGER sample_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sample_check
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
