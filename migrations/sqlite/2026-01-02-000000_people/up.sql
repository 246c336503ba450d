-- People, their roles, passwords and sessions.

CREATE TABLE person (
    id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    invited_by TEXT NULL,
    invited_at TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE TRIGGER person_no_update BEFORE UPDATE ON person
BEGIN SELECT RAISE(ABORT, 'person is append-only'); END;
CREATE TRIGGER person_no_delete BEFORE DELETE ON person
BEGIN SELECT RAISE(ABORT, 'person is append-only'); END;

CREATE TABLE password (
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    one_time INTEGER NOT NULL,
    set_at TEXT NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;

CREATE TABLE reset_proposal (
    user_id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    PRIMARY KEY (user_id, entry),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;
CREATE TRIGGER reset_proposal_no_update BEFORE UPDATE ON reset_proposal
BEGIN SELECT RAISE(ABORT, 'reset_proposal is append-only'); END;
CREATE TRIGGER reset_proposal_no_delete BEFORE DELETE ON reset_proposal
BEGIN SELECT RAISE(ABORT, 'reset_proposal is append-only'); END;

CREATE TABLE session (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    ended_at TEXT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;

CREATE TABLE refresh_token (
    hash BLOB NOT NULL,
    session TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    used_at TEXT NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY (session) REFERENCES session (id)
) STRICT;

CREATE TABLE signing_token (
    hash BLOB NOT NULL,
    user_id TEXT NOT NULL,
    session TEXT NOT NULL,
    action TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;

CREATE TABLE role_grant (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    study TEXT NULL,
    site TEXT NULL,
    reason_opening TEXT NOT NULL,
    needs_second INTEGER NOT NULL,
    granted_by TEXT NULL,
    granted_at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;
CREATE TRIGGER role_grant_no_update BEFORE UPDATE ON role_grant
BEGIN SELECT RAISE(ABORT, 'role_grant is append-only'); END;
CREATE TRIGGER role_grant_no_delete BEFORE DELETE ON role_grant
BEGIN SELECT RAISE(ABORT, 'role_grant is append-only'); END;

CREATE TABLE role_confirmation (
    grant_id TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_at TEXT NOT NULL,
    PRIMARY KEY (grant_id),
    FOREIGN KEY (grant_id) REFERENCES role_grant (id)
) STRICT;
CREATE TRIGGER role_confirmation_no_update BEFORE UPDATE ON role_confirmation
BEGIN SELECT RAISE(ABORT, 'role_confirmation is append-only'); END;
CREATE TRIGGER role_confirmation_no_delete BEFORE DELETE ON role_confirmation
BEGIN SELECT RAISE(ABORT, 'role_confirmation is append-only'); END;

CREATE TABLE role_revocation (
    grant_id TEXT NOT NULL,
    reason_opening TEXT NOT NULL,
    revoked_by TEXT NOT NULL,
    revoked_at TEXT NOT NULL,
    PRIMARY KEY (grant_id),
    FOREIGN KEY (grant_id) REFERENCES role_grant (id)
) STRICT;
CREATE TRIGGER role_revocation_no_update BEFORE UPDATE ON role_revocation
BEGIN SELECT RAISE(ABORT, 'role_revocation is append-only'); END;
CREATE TRIGGER role_revocation_no_delete BEFORE DELETE ON role_revocation
BEGIN SELECT RAISE(ABORT, 'role_revocation is append-only'); END;
