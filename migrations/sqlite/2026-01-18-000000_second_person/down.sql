DROP INDEX handover_dispensation;
DROP TABLE kit_check;
