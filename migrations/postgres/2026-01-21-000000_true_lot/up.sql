-- Recalls of one true lot of a batch, each after a statement of what it does and reveals.

-- Statements that were read. The lot and the hash of the file are sealed.
CREATE TABLE lot_statement (
    study text NOT NULL,
    id text NOT NULL,
    batch text NOT NULL,
    lot_opening text NOT NULL,
    file_opening text NOT NULL,
    entry bigint NOT NULL,
    read_by text NOT NULL,
    read_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER lot_statement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_statement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Recalls: each statement serves once.
CREATE TABLE lot_recall (
    study text NOT NULL,
    statement text NOT NULL,
    batch text NOT NULL,
    entry bigint NOT NULL,
    why text NOT NULL,
    reason_opening text NOT NULL,
    recalled_by text NOT NULL,
    recalled_at timestamp NOT NULL,
    PRIMARY KEY (study, statement),
    FOREIGN KEY (study, statement) REFERENCES lot_statement (study, id),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER lot_recall_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_recall
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The kits that a recall named, which everybody sees at their places: none of them is used any more.
CREATE TABLE lot_recall_kit (
    study text NOT NULL,
    kit text NOT NULL,
    entry bigint NOT NULL,
    PRIMARY KEY (study, kit),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE TRIGGER lot_recall_kit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_recall_kit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
