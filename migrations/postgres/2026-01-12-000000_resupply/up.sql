-- Resupply plans: one for a site on an order day, with the reasons of every number.

CREATE TABLE resupply_plan (
    study text NOT NULL,
    site text NOT NULL,
    order_day date NOT NULL,
    from_depot text NULL,
    groups bigint NOT NULL,
    reasons text NOT NULL,
    shipment text NULL,
    planned_by text NOT NULL,
    planned_at timestamp NOT NULL,
    PRIMARY KEY (study, site, order_day),
    FOREIGN KEY (study, site) REFERENCES site (study, id)
);
CREATE TRIGGER resupply_plan_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON resupply_plan
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
