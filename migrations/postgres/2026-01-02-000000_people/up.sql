-- People, their roles, passwords and sessions.

CREATE TABLE person (
    id text NOT NULL,
    display_name text NOT NULL,
    email text NOT NULL,
    invited_by text NULL,
    invited_at timestamp NOT NULL,
    PRIMARY KEY (id)
);
CREATE TRIGGER person_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE password (
    user_id text NOT NULL,
    hash text NOT NULL,
    one_time boolean NOT NULL,
    set_at timestamp NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
);

CREATE TABLE reset_proposal (
    user_id text NOT NULL,
    entry bigint NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamp NOT NULL,
    PRIMARY KEY (user_id, entry),
    FOREIGN KEY (user_id) REFERENCES person (id)
);
CREATE TRIGGER reset_proposal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reset_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE session (
    id text NOT NULL,
    user_id text NOT NULL,
    started_at timestamp NOT NULL,
    ends_at timestamp NOT NULL,
    last_used_at timestamp NOT NULL,
    ended_at timestamp NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES person (id)
);

CREATE TABLE refresh_token (
    hash bytea NOT NULL,
    session text NOT NULL,
    issued_at timestamp NOT NULL,
    used_at timestamp NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY (session) REFERENCES session (id)
);

CREATE TABLE signing_token (
    hash bytea NOT NULL,
    user_id text NOT NULL,
    session text NOT NULL,
    action text NOT NULL,
    body_hash bytea NOT NULL,
    issued_at timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    used_at timestamp NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY (user_id) REFERENCES person (id)
);

CREATE TABLE role_grant (
    id text NOT NULL,
    user_id text NOT NULL,
    role text NOT NULL,
    study text NULL,
    site text NULL,
    reason_opening text NOT NULL,
    needs_second boolean NOT NULL,
    granted_by text NULL,
    granted_at timestamp NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES person (id)
);
CREATE TRIGGER role_grant_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON role_grant
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE role_confirmation (
    grant_id text NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamp NOT NULL,
    PRIMARY KEY (grant_id),
    FOREIGN KEY (grant_id) REFERENCES role_grant (id)
);
CREATE TRIGGER role_confirmation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON role_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE role_revocation (
    grant_id text NOT NULL,
    reason_opening text NOT NULL,
    revoked_by text NOT NULL,
    revoked_at timestamp NOT NULL,
    PRIMARY KEY (grant_id),
    FOREIGN KEY (grant_id) REFERENCES role_grant (id)
);
CREATE TRIGGER role_revocation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON role_revocation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
