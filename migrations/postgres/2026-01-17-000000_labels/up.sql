-- Labels of whole batches that were printed, the first time and again.
CREATE TABLE label_print (
    study text NOT NULL,
    batch text NOT NULL,
    entry bigint NOT NULL,
    language text NOT NULL,
    label_expiry date NOT NULL,
    labels bigint NOT NULL,
    file_hash bytea NOT NULL,
    reason_opening text NULL,
    printed_by text NOT NULL,
    printed_at timestamp NOT NULL,
    PRIMARY KEY (study, batch, entry),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER label_print_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON label_print
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
