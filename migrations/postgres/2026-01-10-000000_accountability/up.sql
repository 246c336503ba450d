-- Accountability: counts of what came back, reconciliations with two signatures, destructions with two.

-- What the pharmacist counted of a kit that came back; the last count counts.
CREATE TABLE kit_count (
    study text NOT NULL,
    entry bigint NOT NULL,
    kit text NOT NULL,
    used bigint NOT NULL,
    unused bigint NOT NULL,
    missing bigint NOT NULL,
    reason_opening text NULL,
    counted_by text NOT NULL,
    counted_at timestamp NOT NULL,
    PRIMARY KEY (study, entry),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE TRIGGER kit_count_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit_count
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A signed explanation of kits at a site or a depot.
CREATE TABLE kit_reconciliation (
    study text NOT NULL,
    id text NOT NULL,
    site text NULL,
    depot text NULL,
    closing boolean NOT NULL,
    entry bigint NOT NULL,
    signed_by text NOT NULL,
    signed_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER kit_reconciliation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit_reconciliation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The kits of each, with why one that is not there is not there.
CREATE TABLE kit_reconciliation_kit (
    study text NOT NULL,
    reconciliation text NOT NULL,
    kit text NOT NULL,
    reason_opening text NULL,
    PRIMARY KEY (study, reconciliation, kit),
    FOREIGN KEY (study, reconciliation) REFERENCES kit_reconciliation (study, id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE TRIGGER kit_reconciliation_kit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit_reconciliation_kit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The second signature.
CREATE TABLE kit_reconciliation_confirmation (
    study text NOT NULL,
    reconciliation text NOT NULL,
    entry bigint NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamp NOT NULL,
    PRIMARY KEY (study, reconciliation),
    FOREIGN KEY (study, reconciliation) REFERENCES kit_reconciliation (study, id)
);
CREATE TRIGGER kit_reconciliation_confirmation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON kit_reconciliation_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Kits that are to be destroyed.
CREATE TABLE destruction (
    study text NOT NULL,
    id text NOT NULL,
    site text NULL,
    depot text NULL,
    entry bigint NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER destruction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON destruction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The kits of each.
CREATE TABLE destruction_kit (
    study text NOT NULL,
    destruction text NOT NULL,
    kit text NOT NULL,
    PRIMARY KEY (study, destruction, kit),
    FOREIGN KEY (study, destruction) REFERENCES destruction (study, id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE TRIGGER destruction_kit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON destruction_kit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The sponsor's signature, with which the kits count as destroyed.
CREATE TABLE destruction_authorization (
    study text NOT NULL,
    destruction text NOT NULL,
    entry bigint NOT NULL,
    certificate bytea NOT NULL,
    authorized_by text NOT NULL,
    authorized_at timestamp NOT NULL,
    PRIMARY KEY (study, destruction),
    FOREIGN KEY (study, destruction) REFERENCES destruction (study, id)
);
CREATE TRIGGER destruction_authorization_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON destruction_authorization
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE INDEX kit_count_by_kit ON kit_count (study, kit);
