-- What the rows of a randomization refer to, on an empty schema: a study with as many subjects, positions, kits and
-- signatures as there will be transactions. The widths of the sealed values are those of the service.

\set study '''bench'''
\set tree '''study/bench'''
\set sealed 'sha256(''a''::bytea) || sha256(''b''::bytea) || sha256(''c''::bytea)'

BEGIN;
INSERT INTO tree_head (tree, version, size, frontier)
    VALUES (:tree, 0, 0, sha256('a'::bytea) || sha256('b'::bytea) || sha256('c'::bytea) || sha256('d'::bytea));
INSERT INTO study (id, created_at) VALUES (:study, localtimestamp);
INSERT INTO study_design (study, version, design, fingerprint, sealed_opening, loaded_at)
    VALUES (:study, 1, 'none', 'none', 'none', localtimestamp);
INSERT INTO person (id, display_name, email, invited_at)
    VALUES ('investigator', 'Investigator', 'investigator@bench.invalid', localtimestamp);
INSERT INTO site (study, id, name, time_zone, added_at)
    VALUES (:study, 'site', 'Site', 'Europe/Paris', localtimestamp);
INSERT INTO allocation_list
    (id, study, design_version, algorithm, root, seed_opening, generated_by, generated_at)
    VALUES ('list', :study, 1, 'none', sha256('root'::bytea), 'none', 'statistician', localtimestamp);
INSERT INTO batch (study, id, label_expiry, lots_opening, registered_by, registered_at)
    VALUES (:study, 'batch', '2099-12-31', 'none', 'supply', localtimestamp);

INSERT INTO subject (study, id, site, birth_year, sex, screened_by, screened_at)
    SELECT :study, 'S-' || n, 'site', 1960, 'female', 'investigator', localtimestamp
    FROM generate_series(1, :rows) n;
INSERT INTO subject_state (study, subject, state, changed_at)
    SELECT :study, 'S-' || n, 'screened', localtimestamp FROM generate_series(1, :rows) n;
INSERT INTO opening (id, tree, kind, key_version, ciphertext)
    SELECT kind || '-' || n, :tree, kind, 1, :sealed
    FROM generate_series(1, :rows) n, (VALUES ('arm'), ('kit_type')) kinds (kind);
INSERT INTO list_position (list, stratum, position, opening)
    SELECT 'list', 0, n, 'arm-' || n FROM generate_series(1, :rows) n;
INSERT INTO kit (study, number, batch, opening)
    SELECT :study, 'K-' || n, 'batch', 'kit_type-' || n FROM generate_series(1, :rows) n;
INSERT INTO kit_state (study, kit, state, site)
    SELECT :study, 'K-' || n, 'available', 'site' FROM generate_series(1, :rows) n;
INSERT INTO signing_token (hash, user_id, session, action, body_hash, issued_at, expires_at)
    SELECT sha256(convert_to('token-' || n, 'UTF8')), 'investigator', 'session', 'randomize',
           sha256('request'::bytea), localtimestamp, '2099-12-31'
    FROM generate_series(1, :rows) n;
COMMIT;
ANALYZE;
