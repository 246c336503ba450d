//! A server that cannot be trusted with its keys or its database does not start, and says why in one line.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use iwrs_tests::database::Engine;
use iwrs_tests::process::Installation;

use crate::once::PROGRAM;

/// Exit code 1, and one line with these words in it.
#[track_caller]
fn assert_refused(installation: &Installation, words: &str) {
    let (code, lines) = installation.start_in_vain();
    assert_eq!((code, lines.len()), (Some(1), 1), "{lines:?}");
    assert!(lines[0].contains(words), "{lines:?} should say: {words}");
    assert!(!lines[0].contains("5a5a"), "a key is repeated: {lines:?}");
}

#[test]
fn a_key_that_is_missing_malformed_or_open_to_others_starts_nothing() {
    let installation = Installation::empty(PROGRAM);
    for name in ["master", "tokens", "checkpoints"] {
        let path = installation.key(name);
        let good = fs::read_to_string(&path).expect("the key");
        for mode in [0o444, 0o440, 0o404, 0o602] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its rights are set");
            assert_refused(&installation, "is open to others than its owner");
        }
        for malformed in ["", "5a5a", &good[1..], &format!("{good}0"), &good.replacen('5', "x", 1)] {
            installation.write_key(name, malformed);
            if malformed != good {
                assert_refused(&installation, "must hold exactly 64 hexadecimal digits");
            }
        }
        fs::remove_file(&path).expect("it can be removed");
        assert_refused(&installation, "does not exist");
        installation.write_key(name, &good);
    }
    installation.start();
}

#[test]
fn another_master_key_than_the_databases_own_starts_nothing() {
    let installation = Installation::imodals(PROGRAM);
    installation.write_key("master", &"a5".repeat(32));
    assert_refused(&installation, "does not open under this master key");
}

#[test]
fn a_schema_of_another_version_starts_nothing() {
    let installation = Installation::empty(PROGRAM);
    let table = "__diesel_schema_migrations";
    let newest = format!("SELECT max(version) AS value FROM {table}");
    let newest = installation.database.values(&newest).expect("the versions").concat();
    let run = |sql: String| installation.database.execute(&sql).expect("it is run");
    run(format!("DELETE FROM {table} WHERE version = '{newest}'"));
    assert_refused(&installation, "migrat");
    run(format!("INSERT INTO {table} (version) VALUES ('{newest}'), ('99990101000000')"));
    assert_refused(&installation, "99990101000000");
}

#[test]
fn a_database_that_is_none_or_does_not_keep_what_it_acknowledges_starts_nothing() {
    let installation = Installation::empty(PROGRAM);
    for (url, words) in [
        ("mysql://here/iwrs", "the address of the database is not understood"),
        ("sqlite::memory:", "the address of the database is not understood"),
        ("sqlite:/no/such/folder/iwrs.sqlite", "nable to open"),
        ("postgres:///iwrs?host=/no/such/folder", "onnect"),
    ] {
        installation.write_settings(url, "");
        assert_refused(&installation, words);
    }
    installation.write_settings(installation.database.url(), "");
    // On SQLite nothing can be weakened from outside: every connection sets what it needs, and asserts it.
    if Engine::from_env() == Engine::Postgres {
        let name = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', \
                    current_database()); END $$";
        installation.database.execute(name).expect("it is weakened");
        assert_refused(&installation, "synchronous_commit");
    }
}

#[test]
fn a_setting_that_is_none_starts_nothing() {
    let installation = Installation::empty(PROGRAM);
    for (more, words) in [
        ("surplus = 1", "surplus"),
        ("server.hots = 'x'", "hots"),
        ("log.level = '=loud='", "invalid"),
        ("log.format = 'verse'", "verse"),
        ("server.host = 'no.such.host.invalid'", "cannot listen"),
        ("this is no TOML", "iwrs.toml"),
    ] {
        installation.write_settings(installation.database.url(), more);
        assert_refused(&installation, words);
    }
}
