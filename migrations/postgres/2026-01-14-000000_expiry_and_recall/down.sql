DROP TABLE batch_recall;
DROP TABLE batch_expiry;
DROP TABLE expiry_extension;
