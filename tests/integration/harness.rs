//! What the other tests take for granted about the databases that they are given, and about how they were built.

use iwrs_tests::database::fresh_database;

#[test]
fn every_test_has_a_database_of_its_own() {
    let (first, second) = (fresh_database(), fresh_database());
    assert_ne!(first.url(), second.url());
    first.execute("CREATE TABLE mine (value TEXT)").expect("the first takes a table");
    first.execute("INSERT INTO mine VALUES ('a'), ('b')").expect("the first takes rows");
    assert_eq!(first.values("SELECT value FROM mine ORDER BY value").expect("they are read"), ["a", "b"]);
    assert!(second.values("SELECT value FROM mine").is_err(), "the second sees the first's table");
}

/// In the profile that is shipped this is a setting, and the tests run in that profile.
#[test]
fn a_sum_that_overflows_stops() {
    let sum = std::panic::catch_unwind(|| std::hint::black_box(u32::MAX) + std::hint::black_box(1));
    assert!(sum.is_err(), "{sum:?}: overflow-checks is off in this profile");
}
