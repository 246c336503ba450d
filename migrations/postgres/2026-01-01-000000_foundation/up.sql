-- The foundation: journal trees, openings, studies and their designs, data keys, receipts, notices.
-- Every table is append-only unless schema.rs lists it as changeable; a mistake is corrected by another row.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TABLE tree_head (
    tree text NOT NULL PRIMARY KEY,
    version bigint NOT NULL CHECK (version >= 0),
    size bigint NOT NULL CHECK (size >= 0),
    frontier bytea NOT NULL
);

CREATE TABLE journal_leaf (
    tree text NOT NULL REFERENCES tree_head (tree),
    leaf_index bigint NOT NULL CHECK (leaf_index >= 0),
    leaf bytea NOT NULL,
    leaf_hash bytea NOT NULL,
    saved_at timestamp NOT NULL,
    PRIMARY KEY (tree, leaf_index)
);
CREATE TRIGGER journal_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE checkpoint (
    tree text NOT NULL REFERENCES tree_head (tree),
    size bigint NOT NULL CHECK (size >= 0),
    note text NOT NULL,
    signed_at timestamp NOT NULL,
    PRIMARY KEY (tree, size)
);
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Openings are re-encrypted when a data key is rotated and deleted by a redaction, so nothing refers to them
-- by a foreign key.
CREATE TABLE opening (
    id text NOT NULL PRIMARY KEY,
    tree text NOT NULL REFERENCES tree_head (tree),
    kind text NOT NULL,
    key_version bigint NOT NULL CHECK (key_version >= 0),
    ciphertext bytea NOT NULL
);

CREATE TABLE data_key (
    tree text NOT NULL REFERENCES tree_head (tree),
    version bigint NOT NULL CHECK (version >= 0),
    wrapped bytea NOT NULL,
    PRIMARY KEY (tree, version)
);

CREATE TABLE study (
    id text NOT NULL PRIMARY KEY,
    created_at timestamp NOT NULL
);
CREATE TRIGGER study_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON study
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE study_design (
    study text NOT NULL REFERENCES study (id),
    version bigint NOT NULL CHECK (version >= 1),
    design text NOT NULL,
    fingerprint text NOT NULL,
    sealed_opening text NOT NULL,
    loaded_at timestamp NOT NULL,
    PRIMARY KEY (study, version)
);
CREATE TRIGGER study_design_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON study_design
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE receipt (
    study text NOT NULL REFERENCES study (id),
    idem_key text NOT NULL,
    user_id text NOT NULL,
    action text NOT NULL,
    body_hash bytea NOT NULL,
    outcome text NOT NULL,
    recorded_at timestamp NOT NULL,
    PRIMARY KEY (study, idem_key)
);
CREATE TRIGGER receipt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE receipt_replay (
    study text NOT NULL REFERENCES study (id),
    head_version bigint NOT NULL CHECK (head_version >= 0),
    idem_key text NOT NULL,
    replayed_at timestamp NOT NULL,
    PRIMARY KEY (study, head_version),
    FOREIGN KEY (study, idem_key) REFERENCES receipt (study, idem_key)
);
CREATE TRIGGER receipt_replay_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt_replay
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE notice (
    id text NOT NULL PRIMARY KEY,
    tree text NOT NULL REFERENCES tree_head (tree),
    recipient text NOT NULL,
    template text NOT NULL,
    params text NOT NULL,
    audience text NOT NULL CHECK (audience IN ('blinded', 'unblinded')),
    queued_at timestamp NOT NULL
);
CREATE TRIGGER notice_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notice
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE notice_delivery (
    notice text NOT NULL PRIMARY KEY REFERENCES notice (id),
    attempts bigint NOT NULL CHECK (attempts >= 0),
    due_at timestamp NOT NULL,
    delivered_at timestamp NULL,
    given_up_at timestamp NULL
);
CREATE INDEX notice_delivery_due ON notice_delivery (due_at)
    WHERE delivered_at IS NULL AND given_up_at IS NULL;
