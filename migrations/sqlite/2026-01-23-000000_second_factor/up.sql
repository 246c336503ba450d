-- The second factor of a person: where its secret lies, how many half minutes the clock of the device is off, and the
-- half minute of the last code that was taken, after which every further one must lie.

CREATE TABLE second_factor (
    user_id TEXT NOT NULL,
    opening TEXT NOT NULL,
    drift INTEGER NOT NULL,
    last_step INTEGER NOT NULL,
    set_at TEXT NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;

-- One that was shown to the person, and for which no code has come yet.

CREATE TABLE second_factor_offer (
    user_id TEXT NOT NULL,
    opening TEXT NOT NULL,
    offered_at TEXT NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;

-- What is good in the place of a code, once.

CREATE TABLE recovery_code (
    user_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    used_at TEXT NULL,
    PRIMARY KEY (user_id, hash),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;

-- When the code of the second factor came in a log-in; never, for one by the password alone.

ALTER TABLE session ADD COLUMN code_given_at TEXT NULL;

-- That an administrator's act that shows a one-time password was done under this key; what it came to.

CREATE TABLE account_receipt (
    hash BLOB NOT NULL,
    outcome TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (hash)
) STRICT;
CREATE TRIGGER account_receipt_no_update BEFORE UPDATE ON account_receipt
BEGIN SELECT RAISE(ABORT, 'account_receipt is append-only'); END;
CREATE TRIGGER account_receipt_no_delete BEFORE DELETE ON account_receipt
BEGIN SELECT RAISE(ABORT, 'account_receipt is append-only'); END;
