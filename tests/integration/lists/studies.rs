//! Opening, amending and reading studies.

use service::lists;
use service::study::{self, NewRecipient, NewSite, NoDesign};
use terms::ListId;
use trial::{ListState, Refusal, Role};

use super::stage::{SITE, Stage, four_arms, id, refusal, site, three_arms};
use super::{Unblinded, randomized};

#[test]
fn an_opened_study_stands_on_what_is_stored() {
    let stage = Stage::imodals();
    assert_eq!(stage.acts(), ["study_opened", "design_activated", "site_added", "site_added"]);
    assert!(stage.leaves().iter().all(|leaf| leaf["actor"].is_null() && leaf["role"].is_null()));
    let (design, sealed) = three_arms();
    match study::open(&stage.service, &design, &sealed) {
        Err(NoDesign::Failure(failure)) => {
            assert_eq!(refusal::<()>(Err(failure)), Refusal::Exists("study"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.acts().len(), 4);
}

#[test]
fn all_problems_of_a_file_come_back_at_once_and_nothing_is_stored() {
    let stage = Stage::imodals();
    let (design, sealed) = four_arms();
    let other = |text: &str| text.replace("\"imodals\"", "\"other\"");
    let bad = other(&design).replacen("ratio = 1", "ratio = 0", 1).replacen("cap =", "cup =", 1);
    match study::open(&stage.service, &bad, &other(&sealed)) {
        Err(NoDesign::Public(problems)) => assert!(problems.len() >= 3, "{problems:?}"),
        outcome => panic!("{outcome:?}"),
    }
    match study::open(&stage.service, &other(&design), &sealed.replace("[4, 8]", "[5]")) {
        Err(NoDesign::Sealed(problems)) => assert_eq!(problems.len(), 2, "{problems:?}"),
        outcome => panic!("{outcome:?}"),
    }
    let studies = stage.database.values("SELECT id AS value FROM study").expect("the studies");
    assert_eq!(studies, ["imodals"]);
}

#[test]
fn sites_and_recipients_are_added_once_and_no_address_enters_the_journal() {
    let stage = Stage::imodals();
    let add = |name: &str, zone: &str| {
        let country = "FR".parse().expect("a country");
        let new = NewSite { id: id("34-003"), name: name.to_owned(), time_zone: zone.to_owned(), country };
        study::add_site(&stage.service, &stage.study, new)
    };
    assert_eq!(refusal(add("A", "Europe/Nimes")), Refusal::field("time_zone", "is no IANA time zone"));
    assert_eq!(refusal(add(" ", "Europe/Paris")), Refusal::field("name", "must not be empty"));
    add("A", "Europe/Paris").expect("added");
    assert_eq!(refusal(add("A", "Europe/Paris")), Refusal::Exists("site"));
    let tell = |email: &str, at: Option<&str>| {
        let new = NewRecipient { site: at.map(site), email: email.to_owned(), unblinded: false };
        study::add_recipient(&stage.service, &stage.study, new)
    };
    assert_eq!(refusal(tell("nobody", None)), Refusal::field("email", "is no mail address"));
    assert_eq!(refusal(tell("a@test.invalid", Some("99-999"))), Refusal::NotFound);
    tell("a@test.invalid", Some(SITE)).expect("added");
    assert_eq!(refusal(tell("a@test.invalid", Some(SITE))), Refusal::Exists("recipient"));
    assert_eq!(stage.acts()[4..], ["site_added", "recipient_added"]);
    assert!(!format!("{:?}", stage.leaves()).contains("a@test.invalid"), "PRV-01");
}

#[test]
fn a_four_arm_design_is_superseded_before_the_first_subject() {
    let stage = Stage::with(&four_arms());
    let people = Unblinded::of(&stage);
    let old = people.active(&stage);
    let (design, sealed) = three_arms();
    let amend = || match study::amend(&stage.service, &stage.study, &design, &sealed) {
        Ok(version) => Ok(version),
        Err(NoDesign::Failure(failure)) => Err(refusal::<()>(Err(failure))),
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(amend(), Err(Refusal::ListState("not discarded")));
    let reason = "three arms supersede four";
    assert_eq!(refusal(people.discard(&stage, &old, " ")), Refusal::field("reason", "must not be empty"));
    people.discard(&stage, &old, reason).expect("discarded");
    assert_eq!(amend(), Ok(2));
    assert_eq!(stage.acts().last().map(String::as_str), Some("design_activated"));
    assert!(!format!("{:?}", stage.leaves()).contains(reason), "free text is committed to, not shown");
    let seen = lists::find(&stage.service, &people.reviewer, &stage.study, &old).expect("still there");
    assert_eq!((seen.state, seen.design_version), (ListState::Discarded, 1));
    assert_eq!(seen.steps.last().and_then(|step| step.reason.as_deref()), Some(reason));
    let new = people.active(&stage);
    let positions = |list: &ListId| {
        let read = lists::positions(&stage.service, &people.reviewer, &stage.study, list.clone());
        let mut arms: Vec<String> =
            read.unwrap_or_else(|f| panic!("{f:?}")).iter().map(|at| at.arm.clone()).collect();
        arms.sort();
        arms.dedup();
        arms.len()
    };
    // The old list is still read under the design that it was made for.
    assert_eq!((positions(&new), positions(&old)), (3, 4));
    randomized(&stage, &new, &[0]);
    assert_eq!(amend(), Err(Refusal::DesignFixed));
    assert_eq!(
        refusal(people.discard(&stage, &new, "late")),
        Refusal::ListState("in use by a randomized subject")
    );
    let overview = study::find(&stage.service, &people.reviewer, &stage.study).expect("the study");
    assert_eq!((overview.version, overview.randomized, overview.has_active_list), (2, 1, true));
}

#[test]
fn studies_are_listed_for_those_who_hold_a_role_in_them() {
    let stage = Stage::imodals();
    let monitor = stage.person(Role::Monitor);
    let (design, sealed) = four_arms();
    let other = |text: &str| text.replace("\"imodals\"", "\"other\"");
    let other = study::open(&stage.service, &other(&design), &other(&sealed)).expect("another study");
    let studies = study::of_caller(&stage.service, &monitor).expect("the studies");
    assert_eq!(studies.iter().map(|study| &study.id).collect::<Vec<_>>(), [&stage.study]);
    for nowhere in [other, id("nowhere")] {
        assert_eq!(refusal(study::find(&stage.service, &monitor, &nowhere).map(|_| ())), Refusal::NotFound);
    }
}
