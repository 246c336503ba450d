-- The rows that one randomization writes, in the order and with the widths of the service, under the lock of the
-- study's head. The service also reads, decides and answers over HTTP: that is what the ratio shows.

BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
UPDATE tree_head SET version = version + 1 WHERE tree = 'study/bench' RETURNING version AS n, size AS leaf \gset
UPDATE signing_token SET used_at = localtimestamp
    WHERE hash = sha256(convert_to('token-' || :n::bigint, 'UTF8')) AND user_id = 'investigator'
        AND session = 'session' AND action = 'randomize' AND body_hash = sha256('request'::bytea)
        AND expires_at > localtimestamp AND used_at IS NULL;
INSERT INTO journal_leaf (tree, leaf_index, leaf, leaf_hash, saved_at)
    VALUES ('study/bench', :leaf::bigint, convert_to(repeat('r', 674), 'UTF8'),
            sha256('randomized'::bytea), localtimestamp);
INSERT INTO randomization
    (study, subject, site, number, list, stratum, position, consent, design_version, randomized_by, randomized_at)
    VALUES ('bench', 'S-' || :n::bigint, 'site', :n::bigint, 'list', 0, :n::bigint, '2026-01-05', 1,
            'investigator', localtimestamp);
UPDATE subject_state SET state = 'in_treatment', changed_at = localtimestamp
    WHERE study = 'bench' AND subject = 'S-' || :n::bigint AND state = 'screened';
INSERT INTO notice (id, tree, recipient, template, params, audience, queued_at)
    VALUES ('first-notice-' || :n::bigint, 'study/bench', 'archive@bench.invalid', 'subject_randomized',
            repeat('p', 161), 'blinded', localtimestamp);
INSERT INTO notice_delivery (notice, attempts, due_at)
    VALUES ('first-notice-' || :n::bigint, 0, localtimestamp);
INSERT INTO notice (id, tree, recipient, template, params, audience, queued_at)
    VALUES ('second-notice-' || :n::bigint, 'study/bench', 'safety@bench.invalid', 'subject_randomized',
            repeat('p', 161), 'blinded', localtimestamp);
INSERT INTO notice_delivery (notice, attempts, due_at)
    VALUES ('second-notice-' || :n::bigint, 0, localtimestamp);
INSERT INTO notice (id, tree, recipient, template, params, audience, queued_at)
    VALUES ('third-notice-' || :n::bigint, 'study/bench', 'lead@bench.invalid', 'subject_randomized',
            repeat('p', 161), 'blinded', localtimestamp);
INSERT INTO notice_delivery (notice, attempts, due_at)
    VALUES ('third-notice-' || :n::bigint, 0, localtimestamp);
INSERT INTO notice (id, tree, recipient, template, params, audience, queued_at)
    VALUES ('fourth-notice-' || :n::bigint, 'study/bench', 'supply@bench.invalid', 'subject_randomized',
            repeat('p', 161), 'blinded', localtimestamp);
INSERT INTO notice_delivery (notice, attempts, due_at)
    VALUES ('fourth-notice-' || :n::bigint, 0, localtimestamp);
INSERT INTO journal_leaf (tree, leaf_index, leaf, leaf_hash, saved_at)
    VALUES ('study/bench', :leaf::bigint + 1, convert_to(repeat('k', 263), 'UTF8'),
            sha256('kits_allocated'::bytea), localtimestamp);
INSERT INTO movement
    (study, entry, kit, from_state, to_state, kit_move, site, subject, visit, happened_at, recorded_at)
    VALUES ('bench', :leaf::bigint + 1, 'K-' || :n::bigint, 'available', 'allocated', 'allocate', 'site',
            'S-' || :n::bigint, 'D1', localtimestamp, localtimestamp);
UPDATE kit_state SET state = 'allocated', site = 'site', subject = 'S-' || :n::bigint, visit = 'D1',
        depot = NULL, shipment = NULL, released = true, given = false
    WHERE study = 'bench' AND kit = 'K-' || :n::bigint AND state = 'available';
INSERT INTO kit_allocation (study, subject, visit, attempt, slot, kit, through, allocated_at)
    VALUES ('bench', 'S-' || :n::bigint, 'D1', 1, 0, 'K-' || :n::bigint, '2026-01-09', localtimestamp);
INSERT INTO receipt (study, idem_key, user_id, action, body_hash, outcome, recorded_at)
    VALUES ('bench', 'investigator-' || :n::bigint, 'investigator', 'randomize', sha256('request'::bytea),
            'S-' || :n::bigint, localtimestamp);
UPDATE tree_head SET size = :leaf::bigint + 2, frontier = sha256('a'::bytea) || sha256('b'::bytea)
        || sha256('c'::bytea) || sha256('d'::bytea)
    WHERE tree = 'study/bench' AND version = :n::bigint;
COMMIT;
