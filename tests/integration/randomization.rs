//! A randomization through all rooms.

use iwrs_tests::app::{TestApp, eligible};
use iwrs_tests::client::Expect;

#[test]
fn a_subject_is_randomized_once_and_no_arm_is_in_the_answer() {
    let app = TestApp::imodals();
    app.screen("S-001", 1960, "female");
    let investigator = app.person("investigator");
    let path = app.path("/subjects/S-001/randomization");
    let signature = investigator.sign("randomize", &path, &eligible());
    let first = investigator.post_signed(&path, &eligible(), "key-1", &signature);
    let answer = first.expect(201);
    assert_eq!(answer["randomization"]["randomization_number"], "R0001");
    let again = investigator.post_with_key(&path, &eligible(), "key-1");
    assert_eq!(again.expect(201), answer, "the same key gives the same answer, without another signature");
    let twice = investigator.sign_and_post("randomize", &path, &eligible());
    assert_eq!(twice.problem(409), "already-randomized");
}
