-- The token in the cookie of a browser, by its SHA-256: it stands for a session until that ends.

CREATE TABLE browser_token (
    hash BLOB NOT NULL,
    session TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY (session) REFERENCES session (id)
) STRICT;
