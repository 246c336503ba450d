-- Kits of a dispensation that were replaced, each by one.

CREATE TABLE kit_replacement (
    study text NOT NULL,
    kit text NOT NULL,
    dispensation text NOT NULL,
    attempt bigint NOT NULL,
    new_kit text NOT NULL,
    why text NOT NULL,
    over_limit boolean NOT NULL,
    reason_opening text NULL,
    replaced_by text NOT NULL,
    replaced_at timestamp NOT NULL,
    PRIMARY KEY (study, kit),
    UNIQUE (study, new_kit),
    FOREIGN KEY (dispensation) REFERENCES dispensation (id),
    FOREIGN KEY (study, kit) REFERENCES kit_allocation (study, kit),
    FOREIGN KEY (study, new_kit) REFERENCES kit_allocation (study, kit)
);
CREATE TRIGGER kit_replacement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kit_replacement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
