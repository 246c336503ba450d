DROP TABLE redaction_confirmation;
DROP TABLE redaction;
