DROP INDEX kit_state_by_shipment;
DROP INDEX kit_state_by_depot_state;
DROP TABLE shipment_step;
DROP TABLE shipment_kit;
DROP TABLE shipment;
