-- Alerts: what somebody has to see to (NOT-05).

-- An alert as it was raised. `ordinal` counts how often of the same kind, place and reference: the next one is raised
-- when the last one is cleared, and no two servers raise the same.
CREATE TABLE alert (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    reference TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    raised_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    UNIQUE (study, kind, place, reference, ordinal),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER alert_no_update BEFORE UPDATE ON alert
BEGIN SELECT RAISE(ABORT, 'alert is append-only'); END;
CREATE TRIGGER alert_no_delete BEFORE DELETE ON alert
BEGIN SELECT RAISE(ABORT, 'alert is append-only'); END;

-- That its owner has taken note of it.
CREATE TABLE alert_acknowledgement (
    study TEXT NOT NULL,
    alert TEXT NOT NULL,
    entry INTEGER NOT NULL,
    text_opening TEXT NULL,
    acknowledged_by TEXT NOT NULL,
    acknowledged_at TEXT NOT NULL,
    PRIMARY KEY (study, alert),
    FOREIGN KEY (study, alert) REFERENCES alert (study, id)
) STRICT;
CREATE TRIGGER alert_acknowledgement_no_update BEFORE UPDATE ON alert_acknowledgement
BEGIN SELECT RAISE(ABORT, 'alert_acknowledgement is append-only'); END;
CREATE TRIGGER alert_acknowledgement_no_delete BEFORE DELETE ON alert_acknowledgement
BEGIN SELECT RAISE(ABORT, 'alert_acknowledgement is append-only'); END;

-- That what it was raised for has ended.
CREATE TABLE alert_clearing (
    study TEXT NOT NULL,
    alert TEXT NOT NULL,
    entry INTEGER NOT NULL,
    cleared_at TEXT NOT NULL,
    PRIMARY KEY (study, alert),
    FOREIGN KEY (study, alert) REFERENCES alert (study, id)
) STRICT;
CREATE TRIGGER alert_clearing_no_update BEFORE UPDATE ON alert_clearing
BEGIN SELECT RAISE(ABORT, 'alert_clearing is append-only'); END;
CREATE TRIGGER alert_clearing_no_delete BEFORE DELETE ON alert_clearing
BEGIN SELECT RAISE(ABORT, 'alert_clearing is append-only'); END;
