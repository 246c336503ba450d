-- Sites, holds, subjects, allocation lists and code breaks.

CREATE TABLE site (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER site_no_update BEFORE UPDATE ON site
BEGIN SELECT RAISE(ABORT, 'site is append-only'); END;
CREATE TRIGGER site_no_delete BEFORE DELETE ON site
BEGIN SELECT RAISE(ABORT, 'site is append-only'); END;

CREATE TABLE recipient (
    id TEXT NOT NULL,
    study TEXT NOT NULL,
    site TEXT NULL,
    email TEXT NOT NULL,
    unblinded INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER recipient_no_update BEFORE UPDATE ON recipient
BEGIN SELECT RAISE(ABORT, 'recipient is append-only'); END;
CREATE TRIGGER recipient_no_delete BEFORE DELETE ON recipient
BEGIN SELECT RAISE(ABORT, 'recipient is append-only'); END;

CREATE TABLE study_secret (
    study TEXT NOT NULL,
    kit_number_opening TEXT NOT NULL,
    pick_opening TEXT NOT NULL,
    PRIMARY KEY (study),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER study_secret_no_update BEFORE UPDATE ON study_secret
BEGIN SELECT RAISE(ABORT, 'study_secret is append-only'); END;
CREATE TRIGGER study_secret_no_delete BEFORE DELETE ON study_secret
BEGIN SELECT RAISE(ABORT, 'study_secret is append-only'); END;

CREATE TABLE hold (
    id TEXT NOT NULL,
    study TEXT NOT NULL,
    site TEXT NULL,
    hold_on TEXT NOT NULL,
    reason_opening TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER hold_no_update BEFORE UPDATE ON hold
BEGIN SELECT RAISE(ABORT, 'hold is append-only'); END;
CREATE TRIGGER hold_no_delete BEFORE DELETE ON hold
BEGIN SELECT RAISE(ABORT, 'hold is append-only'); END;

CREATE TABLE hold_release (
    hold TEXT NOT NULL,
    reason_opening TEXT NOT NULL,
    released_by TEXT NOT NULL,
    released_at TEXT NOT NULL,
    PRIMARY KEY (hold),
    FOREIGN KEY (hold) REFERENCES hold (id)
) STRICT;
CREATE TRIGGER hold_release_no_update BEFORE UPDATE ON hold_release
BEGIN SELECT RAISE(ABORT, 'hold_release is append-only'); END;
CREATE TRIGGER hold_release_no_delete BEFORE DELETE ON hold_release
BEGIN SELECT RAISE(ABORT, 'hold_release is append-only'); END;

CREATE TABLE subject (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    site TEXT NOT NULL,
    birth_year INTEGER NOT NULL,
    sex TEXT NOT NULL,
    duplicate_opening TEXT NULL,
    screened_by TEXT NOT NULL,
    screened_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study, site) REFERENCES site (study, id)
) STRICT;
CREATE TRIGGER subject_no_update BEFORE UPDATE ON subject
BEGIN SELECT RAISE(ABORT, 'subject is append-only'); END;
CREATE TRIGGER subject_no_delete BEFORE DELETE ON subject
BEGIN SELECT RAISE(ABORT, 'subject is append-only'); END;

CREATE TABLE subject_state (
    study TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (study, subject),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
) STRICT;

CREATE TABLE subject_end (
    study TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NULL,
    criteria TEXT NULL,
    ended_by TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    PRIMARY KEY (study, subject, state),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
) STRICT;
CREATE TRIGGER subject_end_no_update BEFORE UPDATE ON subject_end
BEGIN SELECT RAISE(ABORT, 'subject_end is append-only'); END;
CREATE TRIGGER subject_end_no_delete BEFORE DELETE ON subject_end
BEGIN SELECT RAISE(ABORT, 'subject_end is append-only'); END;

CREATE TABLE visit_record (
    study TEXT NOT NULL,
    subject TEXT NOT NULL,
    visit TEXT NOT NULL,
    entry INTEGER NOT NULL,
    day TEXT NOT NULL,
    in_window INTEGER NULL,
    correction_opening TEXT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (study, subject, visit, entry),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
) STRICT;
CREATE TRIGGER visit_record_no_update BEFORE UPDATE ON visit_record
BEGIN SELECT RAISE(ABORT, 'visit_record is append-only'); END;
CREATE TRIGGER visit_record_no_delete BEFORE DELETE ON visit_record
BEGIN SELECT RAISE(ABORT, 'visit_record is append-only'); END;

CREATE TABLE allocation_list (
    id TEXT NOT NULL,
    study TEXT NOT NULL,
    design_version INTEGER NOT NULL,
    algorithm TEXT NOT NULL,
    root BLOB NOT NULL,
    seed_opening TEXT NOT NULL,
    generated_by TEXT NOT NULL,
    generated_at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (study, design_version) REFERENCES study_design (study, version)
) STRICT;
CREATE TRIGGER allocation_list_no_update BEFORE UPDATE ON allocation_list
BEGIN SELECT RAISE(ABORT, 'allocation_list is append-only'); END;
CREATE TRIGGER allocation_list_no_delete BEFORE DELETE ON allocation_list
BEGIN SELECT RAISE(ABORT, 'allocation_list is append-only'); END;

CREATE TABLE list_position (
    list TEXT NOT NULL,
    stratum INTEGER NOT NULL,
    position INTEGER NOT NULL,
    opening TEXT NOT NULL,
    PRIMARY KEY (list, stratum, position),
    FOREIGN KEY (list) REFERENCES allocation_list (id)
) STRICT;
CREATE TRIGGER list_position_no_update BEFORE UPDATE ON list_position
BEGIN SELECT RAISE(ABORT, 'list_position is append-only'); END;
CREATE TRIGGER list_position_no_delete BEFORE DELETE ON list_position
BEGIN SELECT RAISE(ABORT, 'list_position is append-only'); END;

CREATE TABLE list_change (
    list TEXT NOT NULL,
    state TEXT NOT NULL,
    reason_opening TEXT NULL,
    changed_by TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (list, state),
    FOREIGN KEY (list) REFERENCES allocation_list (id)
) STRICT;
CREATE TRIGGER list_change_no_update BEFORE UPDATE ON list_change
BEGIN SELECT RAISE(ABORT, 'list_change is append-only'); END;
CREATE TRIGGER list_change_no_delete BEFORE DELETE ON list_change
BEGIN SELECT RAISE(ABORT, 'list_change is append-only'); END;

CREATE TABLE list_state (
    list TEXT NOT NULL,
    study TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (list),
    FOREIGN KEY (list) REFERENCES allocation_list (id)
) STRICT;
CREATE UNIQUE INDEX list_state_one_active ON list_state (study) WHERE state = 'active';

CREATE TABLE randomization (
    study TEXT NOT NULL,
    subject TEXT NOT NULL,
    site TEXT NOT NULL,
    number INTEGER NOT NULL,
    list TEXT NOT NULL,
    stratum INTEGER NOT NULL,
    position INTEGER NOT NULL,
    consent TEXT NOT NULL,
    design_version INTEGER NOT NULL,
    randomized_by TEXT NOT NULL,
    randomized_at TEXT NOT NULL,
    PRIMARY KEY (study, subject),
    UNIQUE (study, number),
    UNIQUE (list, stratum, position),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id),
    FOREIGN KEY (list, stratum, position) REFERENCES list_position (list, stratum, position)
) STRICT;
CREATE TRIGGER randomization_no_update BEFORE UPDATE ON randomization
BEGIN SELECT RAISE(ABORT, 'randomization is append-only'); END;
CREATE TRIGGER randomization_no_delete BEFORE DELETE ON randomization
BEGIN SELECT RAISE(ABORT, 'randomization is append-only'); END;

CREATE TABLE unblinding (
    id TEXT NOT NULL,
    study TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    found_by TEXT NOT NULL,
    broken_by TEXT NOT NULL,
    broken_at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (study, subject),
    FOREIGN KEY (study, subject) REFERENCES randomization (study, subject)
) STRICT;
CREATE TRIGGER unblinding_no_update BEFORE UPDATE ON unblinding
BEGIN SELECT RAISE(ABORT, 'unblinding is append-only'); END;
CREATE TRIGGER unblinding_no_delete BEFORE DELETE ON unblinding
BEGIN SELECT RAISE(ABORT, 'unblinding is append-only'); END;

CREATE TABLE unblinding_note (
    unblinding TEXT NOT NULL,
    entry INTEGER NOT NULL,
    opening TEXT NOT NULL,
    noted_by TEXT NOT NULL,
    noted_at TEXT NOT NULL,
    PRIMARY KEY (unblinding, entry),
    FOREIGN KEY (unblinding) REFERENCES unblinding (id)
) STRICT;
CREATE TRIGGER unblinding_note_no_update BEFORE UPDATE ON unblinding_note
BEGIN SELECT RAISE(ABORT, 'unblinding_note is append-only'); END;
CREATE TRIGGER unblinding_note_no_delete BEFORE DELETE ON unblinding_note
BEGIN SELECT RAISE(ABORT, 'unblinding_note is append-only'); END;
