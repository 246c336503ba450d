DROP INDEX notice_told;
ALTER TABLE notice DROP COLUMN about;
