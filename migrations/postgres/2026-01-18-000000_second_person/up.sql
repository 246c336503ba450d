-- Kits that were checked before their handover, and the handovers of a dispensation.

CREATE TABLE kit_check (
    study text NOT NULL,
    entry bigint NOT NULL,
    dispensation text NOT NULL,
    kit text NOT NULL,
    checked_by text NOT NULL,
    checked_at timestamp NOT NULL,
    PRIMARY KEY (study, entry),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE INDEX kit_check_kit ON kit_check (study, kit);
CREATE TRIGGER kit_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit_check
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE INDEX handover_dispensation ON handover (dispensation);
