-- The whole life of a kit: countries, depots, shipments as places, and the two steps of a release.

-- ZZ is nobody's country (ISO 3166-1 leaves it to users): what was added before countries were asked for.
ALTER TABLE site ADD COLUMN country text NOT NULL DEFAULT 'ZZ';

ALTER TABLE kit_state ADD COLUMN depot text NULL;
ALTER TABLE kit_state ADD COLUMN shipment text NULL;
ALTER TABLE kit_state ADD COLUMN released boolean NOT NULL DEFAULT false;
ALTER TABLE kit_state ADD COLUMN given boolean NOT NULL DEFAULT false;
UPDATE kit_state SET released = true WHERE state <> 'registered';
UPDATE kit_state SET given = true WHERE state IN ('dispensed', 'dispensed_in_error');

ALTER TABLE movement ADD COLUMN depot text NULL;
ALTER TABLE movement ADD COLUMN shipment text NULL;

CREATE TABLE depot (
    study text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    added_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER depot_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON depot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DROP TABLE batch_release;
CREATE TABLE batch_step (
    study text NOT NULL,
    batch text NOT NULL,
    country text NOT NULL,
    step text NOT NULL,
    taken_by text NOT NULL,
    taken_at timestamp NOT NULL,
    PRIMARY KEY (study, batch, country, step),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER batch_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
