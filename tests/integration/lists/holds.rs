//! Holds, and how far each reaches.

use service::holds;
use service::request::Caller;
use service::study;
use trial::{Action, HoldOn, Refusal, Role};

use super::stage::{OTHER_SITE, SITE, Stage, refusal, site};

#[test]
fn holds_reach_as_far_as_the_one_who_places_them() {
    let stage = Stage::imodals();
    let (doctor, monitor) = (stage.person(Role::Investigator), stage.person(Role::Monitor));
    let reviewer = stage.person(Role::UnblindedReviewer);
    let place = |caller: &Caller, at: Option<&str>, reason: &str| {
        let envelope = stage.unsigned(caller, Action::PlaceHold);
        let at = at.map(site);
        holds::place(&stage.service, envelope, HoldOn::Randomization, at, reason.to_owned())
    };
    assert_eq!(refusal(place(&doctor, None, "why")), Refusal::Forbidden);
    assert_eq!(refusal(place(&doctor, Some(OTHER_SITE), "why")), Refusal::NotFound);
    assert_eq!(refusal(place(&monitor, Some("99-999"), "why")), Refusal::NotFound);
    assert_eq!(refusal(place(&doctor, Some(SITE), "")), Refusal::field("reason", "must not be empty"));
    assert_eq!(refusal(place(&stage.person(Role::Pharmacist), Some(SITE), "why")), Refusal::Forbidden);
    let own = place(&doctor, Some(SITE), "freezer broke").expect("placed");
    let far = place(&monitor, Some(OTHER_SITE), "audit").expect("placed");
    let whole = place(&reviewer, None, "signal in one arm").expect("placed");
    let seen = |caller: &Caller| {
        let holds = holds::all(&stage.service, caller, &stage.study).expect("the holds");
        holds.into_iter().map(|hold| (hold.id, hold.reason)).collect::<Vec<_>>()
    };
    // What an unblinded person wrote may tell of a treatment: reasons are for unblinded readers.
    assert_eq!(seen(&doctor).len(), 2);
    assert!(seen(&doctor).iter().all(|(id, reason)| *id != far.id && reason.is_none()));
    assert!(seen(&reviewer).contains(&(whole.id.clone(), Some("signal in one arm".to_owned()))));
    let release = |caller: &Caller, hold: &holds::Hold| {
        let envelope = stage.unsigned(caller, Action::ReleaseHold);
        holds::release(&stage.service, envelope, hold.id.clone(), "over".to_owned())
    };
    assert_eq!(refusal(release(&doctor, &far)), Refusal::NotFound);
    assert_eq!(refusal(release(&doctor, &whole)), Refusal::Forbidden);
    assert!(release(&doctor, &own).expect("released").released_at.is_some());
    assert_eq!(refusal(release(&doctor, &own)), Refusal::Exists("release"));
    let overview = study::find(&stage.service, &doctor, &stage.study).expect("the study");
    assert_eq!(overview.holds.iter().map(|hold| &hold.id).collect::<Vec<_>>(), [&whole.id]);
    assert_eq!(stage.acts()[4..], ["hold_placed", "hold_placed", "hold_placed", "hold_released"]);
}
