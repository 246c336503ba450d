-- Batches, kits, movements, allocations and handovers.

CREATE TABLE batch (
    study text NOT NULL,
    id text NOT NULL,
    label_expiry date NOT NULL,
    lots_opening text NOT NULL,
    registered_by text NOT NULL,
    registered_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE batch_release (
    study text NOT NULL,
    batch text NOT NULL,
    released_by text NOT NULL,
    released_at timestamp NOT NULL,
    PRIMARY KEY (study, batch),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER batch_release_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_release
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE kit (
    study text NOT NULL,
    number text NOT NULL,
    batch text NOT NULL,
    opening text NOT NULL,
    PRIMARY KEY (study, number),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER kit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE kit_state (
    study text NOT NULL,
    kit text NOT NULL,
    state text NOT NULL,
    site text NULL,
    subject text NULL,
    visit text NULL,
    PRIMARY KEY (study, kit),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE INDEX kit_state_by_site_state ON kit_state (study, site, state);

CREATE TABLE movement (
    study text NOT NULL,
    entry bigint NOT NULL,
    kit text NOT NULL,
    from_state text NULL,
    to_state text NOT NULL,
    kit_move text NOT NULL,
    site text NULL,
    subject text NULL,
    visit text NULL,
    happened_at timestamp NOT NULL,
    recorded_at timestamp NOT NULL,
    reason text NULL,
    PRIMARY KEY (study, entry, kit, kit_move),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE kit_allocation (
    study text NOT NULL,
    subject text NOT NULL,
    visit text NOT NULL,
    attempt bigint NOT NULL,
    slot bigint NOT NULL,
    kit text NOT NULL,
    through date NOT NULL,
    allocated_at timestamp NOT NULL,
    PRIMARY KEY (study, subject, visit, attempt, slot),
    UNIQUE (study, kit),
    FOREIGN KEY (study, subject) REFERENCES randomization (study, subject),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE TRIGGER kit_allocation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit_allocation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE dispensation (
    id text NOT NULL,
    study text NOT NULL,
    subject text NOT NULL,
    visit text NOT NULL,
    attempt bigint NOT NULL,
    day date NOT NULL,
    in_window boolean NOT NULL,
    reason_opening text NULL,
    dispensed_by text NOT NULL,
    dispensed_at timestamp NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (study, subject, visit),
    FOREIGN KEY (study, subject) REFERENCES randomization (study, subject)
);
CREATE TRIGGER dispensation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispensation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE handover (
    study text NOT NULL,
    kit text NOT NULL,
    dispensation text NOT NULL,
    handed_by text NOT NULL,
    handed_at timestamp NOT NULL,
    PRIMARY KEY (study, kit),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id)
);
CREATE TRIGGER handover_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON handover
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE wrong_scan (
    dispensation text NOT NULL,
    entry bigint NOT NULL,
    opening text NOT NULL,
    scanned_by text NOT NULL,
    scanned_at timestamp NOT NULL,
    PRIMARY KEY (dispensation, entry),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id)
);
CREATE TRIGGER wrong_scan_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wrong_scan
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
