-- Resupply plans: one for a site on an order day, with the reasons of every number.

CREATE TABLE resupply_plan (
    study TEXT NOT NULL,
    site TEXT NOT NULL,
    order_day TEXT NOT NULL,
    from_depot TEXT NULL,
    groups INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    shipment TEXT NULL,
    planned_by TEXT NOT NULL,
    planned_at TEXT NOT NULL,
    PRIMARY KEY (study, site, order_day),
    FOREIGN KEY (study, site) REFERENCES site (study, id)
) STRICT;
CREATE TRIGGER resupply_plan_no_update BEFORE UPDATE ON resupply_plan
BEGIN SELECT RAISE(ABORT, 'resupply_plan is append-only'); END;
CREATE TRIGGER resupply_plan_no_delete BEFORE DELETE ON resupply_plan
BEGIN SELECT RAISE(ABORT, 'resupply_plan is append-only'); END;
