DROP TABLE browser_token;
