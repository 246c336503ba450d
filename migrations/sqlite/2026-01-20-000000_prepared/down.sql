DROP TABLE unit_stop;
DROP TABLE unit_end;
DROP TABLE prepared_unit;
