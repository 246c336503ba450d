-- Shipments: what was picked for each, and the steps that it took.

CREATE TABLE shipment (
    study text NOT NULL,
    id text NOT NULL,
    from_depot text NULL,
    to_depot text NULL,
    to_site text NULL,
    groups bigint NOT NULL,
    picked_by text NOT NULL,
    picked_at timestamp NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
);
CREATE TRIGGER shipment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shipment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE shipment_kit (
    study text NOT NULL,
    shipment text NOT NULL,
    kit text NOT NULL,
    PRIMARY KEY (study, shipment, kit),
    FOREIGN KEY (study, shipment) REFERENCES shipment (study, id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
);
CREATE TRIGGER shipment_kit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shipment_kit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE shipment_step (
    study text NOT NULL,
    shipment text NOT NULL,
    step text NOT NULL,
    entry bigint NOT NULL,
    taken_by text NOT NULL,
    taken_at timestamp NOT NULL,
    PRIMARY KEY (study, shipment, step),
    FOREIGN KEY (study, shipment) REFERENCES shipment (study, id)
);
CREATE TRIGGER shipment_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shipment_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE INDEX kit_state_by_depot_state ON kit_state (study, depot, state);
CREATE INDEX kit_state_by_shipment ON kit_state (study, shipment);
