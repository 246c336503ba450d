-- Shipments: what was picked for each, and the steps that it took.

CREATE TABLE shipment (
    study TEXT NOT NULL,
    id TEXT NOT NULL,
    from_depot TEXT NULL,
    to_depot TEXT NULL,
    to_site TEXT NULL,
    groups INTEGER NOT NULL,
    picked_by TEXT NOT NULL,
    picked_at TEXT NOT NULL,
    PRIMARY KEY (study, id),
    FOREIGN KEY (study) REFERENCES study (id)
) STRICT;
CREATE TRIGGER shipment_no_update BEFORE UPDATE ON shipment
BEGIN SELECT RAISE(ABORT, 'shipment is append-only'); END;
CREATE TRIGGER shipment_no_delete BEFORE DELETE ON shipment
BEGIN SELECT RAISE(ABORT, 'shipment is append-only'); END;

CREATE TABLE shipment_kit (
    study TEXT NOT NULL,
    shipment TEXT NOT NULL,
    kit TEXT NOT NULL,
    PRIMARY KEY (study, shipment, kit),
    FOREIGN KEY (study, shipment) REFERENCES shipment (study, id),
    FOREIGN KEY (study, kit) REFERENCES kit (study, number)
) STRICT;
CREATE TRIGGER shipment_kit_no_update BEFORE UPDATE ON shipment_kit
BEGIN SELECT RAISE(ABORT, 'shipment_kit is append-only'); END;
CREATE TRIGGER shipment_kit_no_delete BEFORE DELETE ON shipment_kit
BEGIN SELECT RAISE(ABORT, 'shipment_kit is append-only'); END;

CREATE TABLE shipment_step (
    study TEXT NOT NULL,
    shipment TEXT NOT NULL,
    step TEXT NOT NULL,
    entry INTEGER NOT NULL,
    taken_by TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    PRIMARY KEY (study, shipment, step),
    FOREIGN KEY (study, shipment) REFERENCES shipment (study, id)
) STRICT;
CREATE TRIGGER shipment_step_no_update BEFORE UPDATE ON shipment_step
BEGIN SELECT RAISE(ABORT, 'shipment_step is append-only'); END;
CREATE TRIGGER shipment_step_no_delete BEFORE DELETE ON shipment_step
BEGIN SELECT RAISE(ABORT, 'shipment_step is append-only'); END;
CREATE INDEX kit_state_by_depot_state ON kit_state (study, depot, state);
CREATE INDEX kit_state_by_shipment ON kit_state (study, shipment);
