-- What a notice is about, so that the same is not told again too soon: of a site, of an alert.

ALTER TABLE notice ADD COLUMN about text NULL;
CREATE INDEX notice_told ON notice (tree, template, about, queued_at);
