DROP TABLE lot_recall_kit;
DROP TABLE lot_recall;
DROP TABLE lot_statement;
