-- The lock of a person's grants: roles of one person exclude each other over all journal trees (BLD-13, USR-05), and
-- two trees have two locks.
CREATE TABLE grant_head (
    user_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
) STRICT;
INSERT INTO grant_head (user_id, version) SELECT id, 0 FROM person;
