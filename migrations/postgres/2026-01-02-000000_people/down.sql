DROP TABLE role_revocation;
DROP TABLE role_confirmation;
DROP TABLE role_grant;
DROP TABLE signing_token;
DROP TABLE refresh_token;
DROP TABLE session;
DROP TABLE password;
DROP TABLE person;
