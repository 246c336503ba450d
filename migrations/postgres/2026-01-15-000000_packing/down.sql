DROP TABLE sample_check;
DROP TABLE packing;
DROP TABLE packaging_list;
DROP TABLE batch_attribute;
