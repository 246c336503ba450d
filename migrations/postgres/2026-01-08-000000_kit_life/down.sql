DROP TABLE batch_step;
CREATE TABLE batch_release (
    study text NOT NULL,
    batch text NOT NULL,
    released_by text NOT NULL,
    released_at timestamp NOT NULL,
    PRIMARY KEY (study, batch),
    FOREIGN KEY (study, batch) REFERENCES batch (study, id)
);
CREATE TRIGGER batch_release_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_release
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DROP TABLE depot;
ALTER TABLE movement DROP COLUMN shipment;
ALTER TABLE movement DROP COLUMN depot;
ALTER TABLE kit_state DROP COLUMN given;
ALTER TABLE kit_state DROP COLUMN released;
ALTER TABLE kit_state DROP COLUMN shipment;
ALTER TABLE kit_state DROP COLUMN depot;
ALTER TABLE site DROP COLUMN country;
