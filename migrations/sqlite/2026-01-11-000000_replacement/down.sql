DROP TABLE kit_replacement;
