-- Recalls of one true lot of a batch, each after a statement of what it does and reveals.

-- Statements that were read. The lot and the hash of the file are sealed.
CREATE TABLE lot_statement (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    batch TEXT NOT NULL,
    lot_opening TEXT NOT NULL,
    file_opening TEXT NOT NULL,
    entry INTEGER NOT NULL,
    read_by TEXT NOT NULL,
    read_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER lot_statement_no_update BEFORE UPDATE ON lot_statement
BEGIN SELECT RAISE(ABORT, 'lot_statement is append-only'); END;
CREATE TRIGGER lot_statement_no_delete BEFORE DELETE ON lot_statement
BEGIN SELECT RAISE(ABORT, 'lot_statement is append-only'); END;

-- Recalls: each statement serves once.
CREATE TABLE lot_recall (
    study TEXT NOT NULL,
    statement TEXT NOT NULL,
    batch TEXT NOT NULL,
    entry INTEGER NOT NULL,
    why TEXT NOT NULL,
    reason_opening TEXT NOT NULL,
    recalled_by TEXT NOT NULL,
    recalled_at TEXT NOT NULL,
    PRIMARY KEY (study, statement),
    FOREIGN KEY (study, statement) REFERENCES lot_statement (study, id),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
) STRICT;
CREATE TRIGGER lot_recall_no_update BEFORE UPDATE ON lot_recall
BEGIN SELECT RAISE(ABORT, 'lot_recall is append-only'); END;
CREATE TRIGGER lot_recall_no_delete BEFORE DELETE ON lot_recall
BEGIN SELECT RAISE(ABORT, 'lot_recall is append-only'); END;

-- The kits that a recall named, which everybody sees at their places: none of them is used any more.
CREATE TABLE lot_recall_kit (
    study TEXT NOT NULL,
    kit TEXT NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (study, kit),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE TRIGGER lot_recall_kit_no_update BEFORE UPDATE ON lot_recall_kit
BEGIN SELECT RAISE(ABORT, 'lot_recall_kit is append-only'); END;
CREATE TRIGGER lot_recall_kit_no_delete BEFORE DELETE ON lot_recall_kit
BEGIN SELECT RAISE(ABORT, 'lot_recall_kit is append-only'); END;
