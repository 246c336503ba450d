-- Sites, holds, subjects, allocation lists and code breaks.

CREATE TABLE site (
    study text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    added_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER site_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON site
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE recipient (
    id text NOT NULL,
    study text NOT NULL,
    site text NULL,
    email text NOT NULL,
    unblinded boolean NOT NULL,
    added_at timestamp NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER recipient_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recipient
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE study_secret (
    study text NOT NULL,
    kit_number_opening text NOT NULL,
    pick_opening text NOT NULL,
    PRIMARY KEY (study),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER study_secret_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON study_secret
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE hold (
    id text NOT NULL,
    study text NOT NULL,
    site text NULL,
    hold_on text NOT NULL,
    reason_opening text NOT NULL,
    placed_by text NOT NULL,
    placed_at timestamp NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER hold_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE hold_release (
    hold text NOT NULL,
    reason_opening text NOT NULL,
    released_by text NOT NULL,
    released_at timestamp NOT NULL,
    PRIMARY KEY (hold),
    FOREIGN KEY (hold) REFERENCES hold (id)
);
CREATE TRIGGER hold_release_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hold_release
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE subject (
    study text NOT NULL,
    id text NOT NULL,
    site text NOT NULL,
    birth_year bigint NOT NULL,
    sex text NOT NULL,
    duplicate_opening text NULL,
    screened_by text NOT NULL,
    screened_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study, site) REFERENCES site (study, id)
);
CREATE TRIGGER subject_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subject
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE subject_state (
    study text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL,
    changed_at timestamp NOT NULL,
    PRIMARY KEY (study, subject),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
);

CREATE TABLE subject_end (
    study text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL,
    reason text NULL,
    criteria text NULL,
    ended_by text NOT NULL,
    ended_at timestamp NOT NULL,
    PRIMARY KEY (study, subject, state),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
);
CREATE TRIGGER subject_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subject_end
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE visit_record (
    study text NOT NULL,
    subject text NOT NULL,
    visit text NOT NULL,
    entry bigint NOT NULL,
    day date NOT NULL,
    in_window boolean NULL,
    correction_opening text NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp NOT NULL,
    PRIMARY KEY (study, subject, visit, entry),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
);
CREATE TRIGGER visit_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON visit_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE allocation_list (
    id text NOT NULL,
    study text NOT NULL,
    design_version bigint NOT NULL,
    algorithm text NOT NULL,
    root bytea NOT NULL,
    seed_opening text NOT NULL,
    generated_by text NOT NULL,
    generated_at timestamp NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (study, design_version) REFERENCES study_design (study, version)
);
CREATE TRIGGER allocation_list_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation_list
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_position (
    list text NOT NULL,
    stratum bigint NOT NULL,
    position bigint NOT NULL,
    opening text NOT NULL,
    PRIMARY KEY (list, stratum, position),
    FOREIGN KEY (list) REFERENCES allocation_list (id)
);
CREATE TRIGGER list_position_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list_position
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_change (
    list text NOT NULL,
    state text NOT NULL,
    reason_opening text NULL,
    changed_by text NOT NULL,
    changed_at timestamp NOT NULL,
    PRIMARY KEY (list, state),
    FOREIGN KEY (list) REFERENCES allocation_list (id)
);
CREATE TRIGGER list_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_state (
    list text NOT NULL,
    study text NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (list),
    FOREIGN KEY (list) REFERENCES allocation_list (id)
);
CREATE UNIQUE INDEX list_state_one_active ON list_state (study) WHERE state = 'active';

CREATE TABLE randomization (
    study text NOT NULL,
    subject text NOT NULL,
    site text NOT NULL,
    number bigint NOT NULL,
    list text NOT NULL,
    stratum bigint NOT NULL,
    position bigint NOT NULL,
    consent date NOT NULL,
    design_version bigint NOT NULL,
    randomized_by text NOT NULL,
    randomized_at timestamp NOT NULL,
    PRIMARY KEY (study, subject),
    UNIQUE (study, number),
    UNIQUE (list, stratum, position),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id),
    FOREIGN KEY (list, stratum, position) REFERENCES list_position (list, stratum, position)
);
CREATE TRIGGER randomization_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON randomization
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE unblinding (
    id text NOT NULL,
    study text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    found_by text NOT NULL,
    broken_by text NOT NULL,
    broken_at timestamp NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (study, subject),
    FOREIGN KEY (study, subject) REFERENCES randomization (study, subject)
);
CREATE TRIGGER unblinding_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unblinding
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE unblinding_note (
    unblinding text NOT NULL,
    entry bigint NOT NULL,
    opening text NOT NULL,
    noted_by text NOT NULL,
    noted_at timestamp NOT NULL,
    PRIMARY KEY (unblinding, entry),
    FOREIGN KEY (unblinding) REFERENCES unblinding (id)
);
CREATE TRIGGER unblinding_note_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unblinding_note
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
