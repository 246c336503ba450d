-- Alerts: what somebody has to see to (NOT-05).

-- An alert as it was raised. `ordinal` counts how often of the same kind, place and reference: the next one is raised
-- when the last one is cleared, and no two servers raise the same.
CREATE TABLE alert (
    study text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    reference text NOT NULL,
    ordinal bigint NOT NULL,
    entry bigint NOT NULL,
    raised_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    UNIQUE (study, kind, place, reference, ordinal),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER alert_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- That its owner has taken note of it.
CREATE TABLE alert_acknowledgement (
    study text NOT NULL,
    alert text NOT NULL,
    entry bigint NOT NULL,
    text_opening text NULL,
    acknowledged_by text NOT NULL,
    acknowledged_at timestamp NOT NULL,
    PRIMARY KEY (study, alert),
    FOREIGN KEY (study, alert) REFERENCES alert (study, id)
);
CREATE TRIGGER alert_acknowledgement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_acknowledgement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- That what it was raised for has ended.
CREATE TABLE alert_clearing (
    study text NOT NULL,
    alert text NOT NULL,
    entry bigint NOT NULL,
    cleared_at timestamp NOT NULL,
    PRIMARY KEY (study, alert),
    FOREIGN KEY (study, alert) REFERENCES alert (study, id)
);
CREATE TRIGGER alert_clearing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_clearing
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
