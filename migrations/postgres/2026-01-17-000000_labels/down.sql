DROP TABLE label_print;
