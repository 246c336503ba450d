-- The second factor of a person: where its secret lies, how many half minutes the clock of the device is off, and the
-- half minute of the last code that was taken, after which every further one must lie.

CREATE TABLE second_factor (
    user_id text NOT NULL,
    opening text NOT NULL,
    drift bigint NOT NULL,
    last_step bigint NOT NULL,
    set_at timestamp NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
);

-- One that was shown to the person, and for which no code has come yet.

CREATE TABLE second_factor_offer (
    user_id text NOT NULL,
    opening text NOT NULL,
    offered_at timestamp NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
);

-- What is good in the place of a code, once.

CREATE TABLE recovery_code (
    user_id text NOT NULL,
    hash bytea NOT NULL,
    used_at timestamp NULL,
    PRIMARY KEY (user_id, hash),
    FOREIGN KEY (user_id) REFERENCES person (id)
);

-- When the code of the second factor came in a log-in; never, for one by the password alone.

ALTER TABLE session ADD COLUMN code_given_at timestamp NULL;

-- That an administrator's act that shows a one-time password was done under this key; what it came to.

CREATE TABLE account_receipt (
    hash bytea NOT NULL,
    outcome text NOT NULL,
    recorded_at timestamp NOT NULL,
    PRIMARY KEY (hash)
);
CREATE TRIGGER account_receipt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
