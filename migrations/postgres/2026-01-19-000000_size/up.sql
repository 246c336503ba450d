-- Ways to the rows of one site, kit, batch or person, so that no act takes longer because the study has others.

CREATE INDEX kit_by_batch ON kit (study, batch);
CREATE INDEX movement_by_kit ON movement (study, kit);
CREATE INDEX subject_by_site ON subject (study, site);
CREATE INDEX randomization_by_site ON randomization (study, site);
CREATE INDEX shipment_by_site ON shipment (study, to_site);
CREATE INDEX shipment_by_depot ON shipment (study, from_depot);
CREATE INDEX kit_replacement_by_dispensation ON kit_replacement (dispensation);
CREATE INDEX role_grant_by_user ON role_grant (user_id);
CREATE INDEX notice_by_template ON notice (tree, template, queued_at);
