//! Somebody with the database's password moves a sealed value to another row.

use iwrs_tests::app::eligible;
use iwrs_tests::client::Expect;
use iwrs_tests::process::Installation;
use serde_json::json;

use super::rows;
use crate::once::PROGRAM;

/// Exchanges the sealed values of two kits on the shelf.
fn exchange(installation: &Installation) {
    let database = &installation.database;
    let two = database.values("SELECT opening AS value FROM kit ORDER BY number LIMIT 2").expect("two kits");
    let (first, second) = (&two[0], &two[1]);
    let moved = |from: &str, to: &str| format!("UPDATE opening SET id = '{to}' WHERE id = '{from}';");
    let sql = moved(first, "aside") + &moved(second, first) + &moved("aside", second);
    database.execute(&sql).expect("they are exchanged");
}

#[test]
fn bld_07_a_sealed_value_in_another_row_stops_the_next_randomization() {
    let installation = Installation::imodals(PROGRAM);
    let server = installation.start();
    let investigator = installation.log_in(&server, "investigator");
    let body = json!({ "screening_number": "S-001", "site": "34-001", "birth_year": 1961, "sex": "male" });
    investigator.post("/studies/imodals/subjects", &body).expect(201);
    let path = "/studies/imodals/subjects/S-001/randomization";
    let signature = investigator.sign("randomize", path, &eligible());
    exchange(&installation);
    let before = rows(&installation.database);
    let reply = investigator.post_signed(path, &eligible(), "the-key", &signature);
    assert_eq!(reply.problem(500), "fault");
    assert_eq!(rows(&installation.database), before, "nothing is stored");
    let id = reply.header("x-request-id").to_owned();
    let told = |line: &String| line.contains("ERROR") && line.contains(&id);
    assert!(server.log().iter().any(told), "{:#?}", server.log());
    exchange(&installation);
    investigator.post_signed(path, &eligible(), "the-key", &signature).expect(201);
}
