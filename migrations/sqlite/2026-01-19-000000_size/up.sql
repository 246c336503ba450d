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

-- SQLite takes any column of an index for one that picks out a few rows, and so reads a whole study in the order of its
-- kits to find those of one shelf. Here it is told once how a large study looks: rows of the index, then how many share
-- its first column, its first two, and so on. They are no counts of this database, and need not be right, only that a
-- study has many rows, and a site, a kit or a subject few.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('kit', 'kit_by_batch', '200000 200000 1000'),
    ('kit', 'sqlite_autoindex_kit_1', '200000 200000 1'),
    ('kit_state', 'kit_state_by_site_state', '200000 200000 700 200'),
    ('kit_state', 'kit_state_by_depot_state', '200000 200000 1000 500'),
    ('kit_state', 'kit_state_by_shipment', '200000 200000 40'),
    ('kit_state', 'sqlite_autoindex_kit_state_1', '200000 200000 1'),
    ('movement', 'movement_by_kit', '1000000 1000000 5'),
    ('movement', 'sqlite_autoindex_movement_1', '1000000 1000000 40 1 1'),
    ('kit_allocation', 'sqlite_autoindex_kit_allocation_1', '60000 60000 3 1 1 1'),
    ('kit_allocation', 'sqlite_autoindex_kit_allocation_2', '60000 60000 1'),
    ('subject', 'subject_by_site', '20000 20000 70'),
    ('subject', 'sqlite_autoindex_subject_1', '20000 20000 1'),
    ('subject_state', 'sqlite_autoindex_subject_state_1', '20000 20000 1'),
    ('randomization', 'randomization_by_site', '20000 20000 70'),
    ('randomization', 'sqlite_autoindex_randomization_1', '20000 20000 1'),
    ('randomization', 'sqlite_autoindex_randomization_2', '20000 20000 1'),
    ('randomization', 'sqlite_autoindex_randomization_3', '20000 20000 5000 1'),
    ('list_position', 'sqlite_autoindex_list_position_1', '20000 20000 5000 1'),
    ('dispensation', 'sqlite_autoindex_dispensation_1', '60000 1'),
    ('dispensation', 'sqlite_autoindex_dispensation_2', '60000 60000 3 1'),
    ('handover', 'handover_dispensation', '60000 1'),
    ('handover', 'sqlite_autoindex_handover_1', '60000 60000 1'),
    ('kit_check', 'kit_check_kit', '60000 60000 1'),
    ('kit_check', 'sqlite_autoindex_kit_check_1', '60000 60000 1'),
    ('kit_count', 'kit_count_by_kit', '60000 60000 1'),
    ('kit_count', 'sqlite_autoindex_kit_count_1', '60000 60000 1'),
    ('kit_replacement', 'kit_replacement_by_dispensation', '1000 1'),
    ('kit_replacement', 'sqlite_autoindex_kit_replacement_1', '1000 1000 1'),
    ('kit_replacement', 'sqlite_autoindex_kit_replacement_2', '1000 1000 1'),
    ('shipment', 'shipment_by_site', '6000 6000 20'),
    ('shipment', 'shipment_by_depot', '6000 6000 300'),
    ('shipment', 'sqlite_autoindex_shipment_1', '6000 6000 1'),
    ('shipment_kit', 'sqlite_autoindex_shipment_kit_1', '200000 200000 40 1'),
    ('shipment_step', 'sqlite_autoindex_shipment_step_1', '12000 12000 2 1'),
    ('batch', 'sqlite_autoindex_batch_1', '200 200 1'),
    ('site', 'sqlite_autoindex_site_1', '300 300 1'),
    ('opening', 'sqlite_autoindex_opening_1', '300000 1'),
    ('journal_leaf', 'sqlite_autoindex_journal_leaf_1', '400000 400000 1'),
    ('visit_record', 'sqlite_autoindex_visit_record_1', '100000 100000 5 1 1'),
    ('receipt', 'sqlite_autoindex_receipt_1', '200000 200000 1'),
    ('notice', 'notice_by_template', '60000 60000 5000 1'),
    ('notice', 'sqlite_autoindex_notice_1', '60000 1'),
    ('role_grant', 'role_grant_by_user', '1000 2'),
    ('role_grant', 'sqlite_autoindex_role_grant_1', '1000 1');
ANALYZE sqlite_schema;
