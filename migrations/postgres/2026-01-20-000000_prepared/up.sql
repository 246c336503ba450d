-- Units that are prepared on site out of a kit.

CREATE TABLE prepared_unit (
    study text NOT NULL,
    number text NOT NULL,
    kit text NOT NULL,
    subject text NOT NULL,
    preparation text NOT NULL,
    hours bigint NOT NULL CHECK (hours > 0),
    entry bigint NOT NULL,
    prepared_by text NOT NULL,
    prepared_at timestamp NOT NULL,
    PRIMARY KEY (study, number),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id)
);
CREATE INDEX prepared_unit_subject ON prepared_unit (study, subject);
CREATE TRIGGER prepared_unit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON prepared_unit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What became of each: once.
CREATE TABLE unit_end (
    study text NOT NULL,
    unit text NOT NULL,
    became text NOT NULL,
    entry bigint NOT NULL,
    reason_opening text NULL,
    ended_by text NOT NULL,
    ended_at timestamp NOT NULL,
    PRIMARY KEY (study, unit),
    FOREIGN KEY (study, unit) REFERENCES prepared_unit (study, number)
);
CREATE TRIGGER unit_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unit_end
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was scanned and stopped: a unit past its limit, or something else than a unit or a kit of the subject.
CREATE TABLE unit_stop (
    study text NOT NULL,
    entry bigint NOT NULL,
    subject text NOT NULL,
    unit text NULL,
    opening text NULL,
    stopped_by text NOT NULL,
    stopped_at timestamp NOT NULL,
    PRIMARY KEY (study, entry),
    FOREIGN KEY (study, subject) REFERENCES subject (study, id),
    FOREIGN KEY (study, unit) REFERENCES prepared_unit (study, number)
);
CREATE TRIGGER unit_stop_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON unit_stop
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
