-- Units that are prepared on site out of a kit.

CREATE TABLE prepared_unit (
    study TEXT NOT NULL,
    number TEXT NOT NULL,
    kit TEXT NOT NULL,
    subject TEXT NOT NULL,
    preparation TEXT NOT NULL,
    hours INTEGER NOT NULL CHECK (hours > 0),
    entry INTEGER NOT NULL,
    prepared_by TEXT NOT NULL,
    prepared_at TEXT NOT NULL,
    PRIMARY KEY (study, number),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
) STRICT;
CREATE INDEX prepared_unit_subject ON prepared_unit (study, subject);
CREATE TRIGGER prepared_unit_no_update BEFORE UPDATE ON prepared_unit
BEGIN SELECT RAISE(ABORT, 'prepared_unit is append-only'); END;
CREATE TRIGGER prepared_unit_no_delete BEFORE DELETE ON prepared_unit
BEGIN SELECT RAISE(ABORT, 'prepared_unit is append-only'); END;

-- What became of each: once.
CREATE TABLE unit_end (
    study TEXT NOT NULL,
    unit TEXT NOT NULL,
    became TEXT NOT NULL,
    entry INTEGER NOT NULL,
    reason_opening TEXT NULL,
    ended_by TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    PRIMARY KEY (study, unit),
    FOREIGN KEY (study, unit) REFERENCES prepared_unit (study, number)
) STRICT;
CREATE TRIGGER unit_end_no_update BEFORE UPDATE ON unit_end
BEGIN SELECT RAISE(ABORT, 'unit_end is append-only'); END;
CREATE TRIGGER unit_end_no_delete BEFORE DELETE ON unit_end
BEGIN SELECT RAISE(ABORT, 'unit_end is append-only'); END;

-- What was scanned and stopped: a unit past its limit, or something else than a unit or a kit of the subject.
CREATE TABLE unit_stop (
    study TEXT NOT NULL,
    entry INTEGER NOT NULL,
    subject TEXT NOT NULL,
    unit TEXT NULL,
    opening TEXT NULL,
    stopped_by TEXT NOT NULL,
    stopped_at TEXT NOT NULL,
    PRIMARY KEY (study, entry),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id),
    FOREIGN KEY (study, unit) REFERENCES prepared_unit (study, number)
) STRICT;
CREATE TRIGGER unit_stop_no_update BEFORE UPDATE ON unit_stop
BEGIN SELECT RAISE(ABORT, 'unit_stop is append-only'); END;
CREATE TRIGGER unit_stop_no_delete BEFORE DELETE ON unit_stop
BEGIN SELECT RAISE(ABORT, 'unit_stop is append-only'); END;
