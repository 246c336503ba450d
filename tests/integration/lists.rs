//! Studies, lists, holds and the reconciliation, through the use cases.

mod holds;
mod reconciliation;
mod stage;
mod studies;

use iwrs_tests::app::{TestApp, eligible};
use iwrs_tests::client::Expect;
use serde_json::json;
use service::lists::{self, List};
use service::request::Caller;
use service::{Failure, Fault};
use stage::{SITE, Stage, id, refusal, site, three_arms};
use store::Tree;
use store::rows::{randomization, subject};
use terms::{ListId, Position, RandomizationNumber, Stratum, SubjectId};
use trial::study::{SealedDesign, StudyDesign};
use trial::{Action, ListState, Refusal, Role, Sex, SubjectState};

/// The two people whom a list takes.
struct Unblinded {
    statistician: Caller,
    reviewer: Caller,
}

impl Unblinded {
    fn of(stage: &Stage) -> Self {
        let (statistician, reviewer) = (Role::Statistician, Role::UnblindedReviewer);
        Self { statistician: stage.person(statistician), reviewer: stage.person(reviewer) }
    }

    fn generate(&self, stage: &Stage) -> ListId {
        let envelope = stage.signed(&self.statistician, Action::GenerateList);
        lists::generate(&stage.service, envelope).expect("a list").id
    }

    fn approve(&self, stage: &Stage, list: &ListId) -> Result<List, Failure> {
        let envelope = stage.signed(&self.reviewer, Action::ApproveList);
        lists::approve(&stage.service, envelope, list.clone())
    }

    fn activate(&self, stage: &Stage, list: &ListId) -> Result<List, Failure> {
        let envelope = stage.signed(&self.statistician, Action::ActivateList);
        lists::activate(&stage.service, envelope, list.clone())
    }

    fn discard(&self, stage: &Stage, list: &ListId, reason: &str) -> Result<List, Failure> {
        let envelope = stage.signed(&self.statistician, Action::DiscardList);
        lists::discard(&stage.service, envelope, list.clone(), reason.to_owned())
    }

    fn active(&self, stage: &Stage) -> ListId {
        let list = self.generate(stage);
        self.approve(stage, &list).expect("approved");
        self.activate(stage, &list).expect("activated");
        list
    }
}

#[test]
fn seq_06_a_list_goes_from_the_seed_into_use_by_two_people() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let envelope = stage.signed(&people.statistician, Action::GenerateList);
    let made = lists::generate(&stage.service, envelope.clone()).expect("a list");
    assert_eq!((made.state, made.lengths.as_slice()), (ListState::Generated, [48].as_slice()));
    let leaf = stage.leaves().pop().expect("a leaf");
    assert_eq!(leaf["act"]["kind"], "list_generated");
    assert_eq!(leaf["act"]["root"], made.root.to_string());
    assert_eq!(leaf["act"]["lengths"], serde_json::json!([48]));
    let own = stage.signed(&people.statistician, Action::ApproveList);
    assert_eq!(refusal(lists::approve(&stage.service, own, made.id.clone())), Refusal::SamePerson);
    let early = Refusal::ListState("generated");
    assert_eq!(refusal(people.activate(&stage, &made.id)), early);
    assert_eq!(people.approve(&stage, &made.id).expect("approved").state, ListState::Approved);
    let twice = Refusal::ListState("approved");
    assert_eq!(refusal(people.approve(&stage, &made.id)), twice);
    let active = people.activate(&stage, &made.id).expect("activated");
    let steps: Vec<_> = active.steps.iter().map(|step| (step.state, &step.by)).collect();
    let (maker, second) = (&people.statistician.user, &people.reviewer.user);
    let expected = [(ListState::Generated, maker), (ListState::Approved, second), (ListState::Active, maker)];
    assert_eq!(steps, expected);
    assert_eq!(stage.acts()[5..], ["list_approved", "list_activated"]);
    // Sent again, the first request has the answer it had, whatever became of the list, and no second list.
    assert_eq!(lists::generate(&stage.service, envelope).expect("the same"), made);
    let all = lists::all(&stage.service, &people.reviewer, &stage.study).expect("the lists");
    assert_eq!(all, [active]);
    assert_eq!(stage.acts()[7..], ["asked_again"]);
}

#[test]
fn a_second_list_can_wait_but_not_come_into_use_beside_the_first() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let first = people.active(&stage);
    let second = people.generate(&stage);
    people.approve(&stage, &second).expect("approved");
    let refused = Refusal::ListState("not the only one in use");
    assert_eq!(refusal(people.activate(&stage, &second)), refused);
    people.discard(&stage, &first, "the other one is wanted").expect("discarded");
    people.activate(&stage, &second).expect("activated");
    // The constraint is the net under the decision.
    let forced = stage.database.execute("UPDATE list_state SET state = 'active'");
    assert!(forced.is_err());
}

#[test]
fn seq_02_the_positions_are_those_of_the_seed_and_every_read_is_a_leaf() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let list = people.generate(&stage);
    let read = |caller: &Caller| lists::positions(&stage.service, caller, &stage.study, list.clone());
    let positions = read(&people.statistician).unwrap_or_else(|failure| panic!("{failure:?}"));
    let leaf = stage.leaves().pop().expect("a leaf");
    assert_eq!(
        (&leaf["act"]["kind"], &leaf["act"]["list"]),
        (&"positions_read".into(), &list.as_str().into())
    );
    assert_eq!(leaf["actor"], people.statistician.user.as_str());
    read(&people.reviewer).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(stage.acts().iter().filter(|act| *act == "positions_read").count(), 2);
    let (design, sealed) = three_arms();
    let design = StudyDesign::from_toml(&design).expect("a design");
    let Ok(sealed) = SealedDesign::from_toml(&sealed, &design) else { panic!("a sealed design") };
    let seed = stage.seed(&list);
    let derived = allocator::derive(&seed, "imodals", list.as_str(), sealed.block_design());
    let expected: Vec<_> = derived
        .rows()
        .map(|(stratum, position, entry)| {
            let (words, code) = (design.arm(entry.arm), sealed.arm_code(entry.arm));
            (stratum.index(), position.index(), words.expect("an arm").name.clone(), code.expect("a code"))
        })
        .collect();
    let found: Vec<_> =
        positions.iter().map(|at| (at.stratum, at.position, at.arm.clone(), at.code.as_str())).collect();
    assert_eq!(found, expected);
    assert!(positions.iter().all(|at| at.given.is_none()));
}

#[test]
fn bld_02_blinded_roles_read_no_list_and_leave_no_leaf() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let list = people.generate(&stage);
    let before = stage.acts().len();
    let (service, study) = (&stage.service, &stage.study);
    for role in [Role::Investigator, Role::Pharmacist, Role::Monitor, Role::SupplyManager] {
        let caller = stage.person(role);
        let positions = lists::positions(service, &caller, study, list.clone());
        assert_eq!(refusal(positions), Refusal::Forbidden, "{role}");
        let nowhere = lists::positions(service, &caller, study, id("nowhere"));
        assert_eq!(refusal(nowhere), Refusal::Forbidden, "{role}");
        assert_eq!(
            refusal(service::reconciliation::read(service, &caller, study)),
            Refusal::Forbidden,
            "{role}"
        );
        assert_eq!(refusal(lists::find(service, &caller, study, &list)), Refusal::Forbidden, "{role}");
        let envelope = stage.signed(&caller, Action::GenerateList);
        assert_eq!(refusal(lists::generate(service, envelope)), Refusal::Forbidden, "{role}");
    }
    let unsigned = stage.unsigned(&people.statistician, Action::GenerateList);
    assert_eq!(refusal(lists::generate(service, unsigned)), Refusal::SignatureNeeded);
    let nowhere = lists::positions(service, &people.reviewer, study, id("nowhere"));
    assert_eq!(refusal(nowhere), Refusal::NotFound);
    assert_eq!(stage.acts().len(), before);
}

#[test]
fn seq_19_a_tampered_list_cannot_be_approved() {
    let stage = Stage::imodals();
    let people = Unblinded::of(&stage);
    let list = people.generate(&stage);
    let positions = lists::positions(&stage.service, &people.reviewer, &stage.study, list.clone());
    let positions = positions.unwrap_or_else(|failure| panic!("{failure:?}"));
    let other = positions.iter().find(|at| at.arm != positions[0].arm).expect("another arm").position;
    let one = stage.value("SELECT opening AS value FROM list_position WHERE position = 0");
    let two = stage.value(&format!("SELECT opening AS value FROM list_position WHERE position = {other}"));
    let put = |position: u32, opening: &str| {
        let set = format!("UPDATE list_position SET opening = '{opening}' WHERE position = {position}");
        stage.tamper("list_position", &set);
    };
    // Two arms of one block exchanged: the shape is right, and the commitment is not.
    put(0, &two);
    put(other, &one);
    assert_eq!(refusal(people.approve(&stage, &list)), Refusal::ListMismeasured);
    put(0, &one);
    put(other, &two);
    // A ciphertext in another's row does not open.
    let moved = |from: &str| {
        let taken = format!("SELECT ciphertext FROM {from}");
        let set = format!("UPDATE opening SET ciphertext = ({taken}) WHERE id = '{one}'");
        stage.database.execute(&set).unwrap_or_else(|error| panic!("{set}: {error}"));
    };
    let keep = format!("CREATE TABLE kept AS SELECT ciphertext FROM opening WHERE id = '{one}'");
    stage.database.execute(&keep).expect("kept");
    moved(&format!("opening WHERE id = '{two}'"));
    let failed = people.approve(&stage, &list);
    assert!(matches!(failed, Err(Failure::Fault(Fault::Instrument(_)))), "{failed:?}");
    moved("kept");
    people.approve(&stage, &list).expect("approved");
}

/// Puts randomized subjects into the rows, each with its position of the list: S-1, S-2 and so on.
fn randomized(stage: &Stage, list: &ListId, positions: &[u32]) {
    let (of, at, positions) = (list.clone(), stage.clock.now(), positions.to_vec());
    stage.write(Tree::Study(stage.study.clone()), move |tx| {
        for (ordinal, position) in (1..).zip(&positions) {
            let who: SubjectId = id(&format!("S-{ordinal}"));
            let row = subject::Subject {
                id: who.clone(),
                site: site(SITE),
                birth_year: 1960,
                sex: Sex::Female,
                screened_by: id("user-1"),
                screened_at: at,
                state: SubjectState::InTreatment,
                duplicate_reason: None,
            };
            subject::add(tx, &row)?;
            let row = randomization::Randomization {
                subject: who,
                site: site(SITE),
                number: RandomizationNumber::new(ordinal),
                list: of.clone(),
                stratum: Stratum::new(0),
                position: Position::new(*position),
                consent: at.utc().date_naive(),
                design_version: 1,
                by: id("user-1"),
                at,
            };
            randomization::add(tx, &row)?;
        }
        Ok(())
    });
}

/// The same through the interface: status, fields, and what is not there.
#[test]
fn the_interface_gives_lists_to_the_unblinded_and_public_words_to_everybody() {
    let app = TestApp::imodals();
    let (statistician, reviewer) = (app.person("statistician"), app.person("reviewer"));
    let all = statistician.get(&app.path("/lists")).expect(200);
    let list = all["lists"][0]["id"].as_str().expect("a list").to_owned();
    assert_eq!(all["lists"][0]["state"], "active");
    app.randomize("S-1", 1960, "female");
    let read = reviewer.get(&app.path(&format!("/lists/{list}/positions"))).expect(200);
    let positions = read["positions"].as_array().expect("positions");
    assert_eq!((positions.len(), &positions[0]["subject"]), (48, &json!("S-1")));
    assert_eq!(
        (&positions[0]["randomization_number"], &positions[0]["given"]),
        (&json!("R0001"), &json!(true))
    );
    assert_eq!(positions[1]["given"], false);
    let reconciled = statistician.get(&app.path("/reconciliation")).expect(200);
    let reconciled = &reconciled["reconciliation"];
    assert_eq!(
        (&reconciled["mismatches"], &reconciled["lists"][0]["as_committed"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(reconciled["subjects"][0]["arm"], positions[0]["arm"]);
    assert_eq!(reconciled["subjects"][0]["kits"].as_array().map(Vec::len), Some(1));
    for login in ["investigator", "pharmacist", "monitor", "supply"] {
        let person = app.person(login);
        for path in
            ["/lists", &format!("/lists/{list}"), &format!("/lists/{list}/positions"), "/reconciliation"]
        {
            assert_eq!(person.get(&app.path(path)).problem(403), "forbidden", "{login} {path}");
        }
        let study = person.get(&app.path("")).expect(200);
        let study = &study["study"];
        assert_eq!((&study["randomized"], &study["target"]), (&json!(1), &json!(36)), "{login}");
        assert_eq!(study["has_active_list"], true);
        let studies = person.get("/studies").expect(200);
        assert_eq!(studies["studies"].as_array().map(Vec::len), Some(1), "{login}");
    }
    assert_eq!(app.person("admin").get("/studies").expect(200)["studies"], json!([]));
    assert_eq!(app.person("admin").get(&app.path("")).problem(404), "not-found");
    let doctor = app.person("investigator");
    let hold = json!({ "on": "randomization", "site": "34-001", "reason": "freezer" });
    let placed = doctor.post(&app.path("/holds"), &hold).expect(201);
    let id = placed["hold"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(placed["hold"].get("reason"), None);
    app.screen("S-2", 1961, "male");
    let path = app.path("/subjects/S-2/randomization");
    assert_eq!(doctor.sign_and_post("randomize", &path, &eligible()).problem(409), "on-hold");
    let bad = json!({ "on": "unblinding", "reason": "no" });
    assert_eq!(doctor.post(&app.path("/holds"), &bad).problem(422), "invalid-field");
    let extra = json!({ "on": "dispensing", "reason": "no", "until": "never" });
    doctor.post(&app.path("/holds"), &extra).expect(422);
    let release = app.path(&format!("/holds/{id}/release"));
    doctor.post(&release, &json!({ "reason": "repaired" })).expect(201);
    doctor.sign_and_post("randomize", &path, &eligible()).expect(201);
}
