-- The lock of a person's grants: roles of one person exclude each other over all journal trees (BLD-13, USR-05), and
-- two trees have two locks.
CREATE TABLE grant_head (
    user_id text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES person (id)
);
INSERT INTO grant_head (user_id, version) SELECT id, 0 FROM person;
