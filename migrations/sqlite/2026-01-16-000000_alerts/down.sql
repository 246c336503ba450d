DROP TABLE alert_clearing;
DROP TABLE alert_acknowledgement;
DROP TABLE alert;
