DROP TABLE account_receipt;
DROP TABLE recovery_code;
DROP TABLE second_factor_offer;
DROP TABLE second_factor;
ALTER TABLE session DROP COLUMN code_given_at;
