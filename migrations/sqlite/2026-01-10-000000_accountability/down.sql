DROP TABLE destruction_authorization;
DROP TABLE destruction_kit;
DROP TABLE destruction;
DROP TABLE kit_reconciliation_confirmation;
DROP TABLE kit_reconciliation_kit;
DROP TABLE kit_reconciliation;
DROP TABLE kit_count;
