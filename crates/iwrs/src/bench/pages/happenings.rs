//! What there is to be seen in a study besides its subjects: one of everything that has a page of its own.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use service::Shared;
use service::clock::Clock;

use crate::client::text_at;
use crate::commands::Failure;
use crate::demo::packager::{self, Packager};
use crate::demo::setup::{self, Cast};
use crate::demo::{self, Files};
use crate::wiring::undone;

/// What stands in the design where the supply begins, when kits are prepared on site.
pub(super) const PREPARED_SUPPLY: &str = "\n[[preparations]]\nid = \"diluted\"\nhours = 48\n\n[supply]\n";

/// So many subjects have a kit waiting at the counter.
pub(super) const WAITING: usize = 20;

/// After so many seconds a shipment that has left is overdue.
const EIGHT_DAYS: i64 = 8 * 24 * 60 * 60;

/// Plays it, and gives the addresses of pages to which a link leads that may stand behind many of its kind, or that has
/// a question in it.
pub(super) fn play(
    cast: &mut Cast,
    files: &Files,
    service: &Shared,
    clock: &Clock,
) -> Result<Vec<String>, Failure> {
    let site = &files.plan.site.id;
    let given = cast.path(&format!("/kits/{}", first_kit(cast, "dispensed")?));
    let check = subjects(cast, site)?;
    let unit = units(cast)?;
    waiting(cast, files)?;
    kits(cast, site)?;
    let recall = batches(cast, files)?;
    let quarantine = shipments(cast, site)?;
    decisions(cast, site)?;
    clock.advance(EIGHT_DAYS);
    service::alerts::round::round(service).map_err(undone)?;
    let everybody: Vec<&str> = files.plan.people.iter().map(|person| person.login.as_str()).collect();
    cast.log_in_again(&everybody)?;
    let own = ["confirmation", "recovery-codes", "removal"].map(|page| format!("/second-factor/{page}"));
    Ok([vec![given, check, unit, recall, quarantine], own.to_vec()].concat())
}

/// The first kit in a state.
fn first_kit(cast: &Cast, state: &str) -> Result<String, Failure> {
    let kits = cast.ask("pharmacist", &cast.path(&format!("/kits?state={state}")))?;
    Ok(text_at(&kits, "/kits/0/number").to_owned())
}

/// A subject who is not randomized yet and stands before all others, and one whose code was broken. Gives the page on
/// which the kits of that one are checked.
fn subjects(cast: &Cast, site: &str) -> Result<String, Failure> {
    let subjects = cast.ask("investigator", &cast.path("/subjects"))?;
    let first = text_at(&subjects, "/subjects/0/screening_number");
    let broken = json!({ "screening_number": first, "reason": "overdose" });
    cast.act("investigator", Some("unblind"), &cast.path("/unblindings"), &broken)?;
    let new = json!({
        "screening_number": "A-00001", "site": site, "birth_year": 1920, "sex": "female",
    });
    cast.act("investigator", None, &cast.path("/subjects"), &new)?;
    Ok(cast.path(&format!("/subjects/{first}/check")))
}

/// Subjects whose first kit is dispensed and not handed over.
fn waiting(cast: &Cast, files: &Files) -> Result<(), Failure> {
    let criteria = demo::design(files)?.criteria;
    let answers: BTreeMap<_, _> = criteria.iter().map(|criterion| (&criterion.id, "yes")).collect();
    let eligible = json!({ "consent_date": "2026-01-05", "answers": answers });
    for ordinal in 0..WAITING {
        let number = format!("W-{ordinal:05}");
        let new = json!({
            "screening_number": number, "site": files.plan.site.id,
            "birth_year": 1970 + ordinal, "sex": "male", "duplicate_reason": "for the benchmark",
        });
        cast.act("investigator", None, &cast.path("/subjects"), &new)?;
        let of_subject = cast.path(&format!("/subjects/{number}"));
        cast.act("investigator", Some("randomize"), &format!("{of_subject}/randomization"), &eligible)?;
        cast.act("pharmacist", None, &format!("{of_subject}/dispensations"), &json!({ "visit": "D1" }))?;
    }
    Ok(())
}

/// Two units are prepared of the kit of a subject. Gives the page of one of them.
fn units(cast: &Cast) -> Result<String, Failure> {
    let subjects = cast.ask("pharmacist", &cast.path("/subjects"))?;
    let of_subject = format!("/subjects/{}", text_at(&subjects, "/subjects/2/screening_number"));
    let given = cast.ask("pharmacist", &cast.path(&format!("{of_subject}/dispensations")))?;
    let kit = text_at(&given, "/dispensations/0/kits/0");
    let units = json!({ "kit_number": kit, "preparation": "diluted", "units": 2 });
    let made = cast.act("pharmacist", None, &cast.path(&format!("{of_subject}/units")), &units)?;
    Ok(cast.path(&format!("{of_subject}/units/{}", text_at(&made, "/units/0/unit"))))
}

/// A kit that is damaged, and the destruction of it once it is accounted for.
fn kits(cast: &Cast, site: &str) -> Result<(), Failure> {
    let damaged = first_kit(cast, "available")?;
    let incident = json!({ "incident": "damaged", "reason": "for the benchmark" });
    cast.act("pharmacist", None, &cast.path(&format!("/kits/{damaged}/incidents")), &incident)?;
    let (path, of) = (cast.path("/kit-reconciliations"), json!({ "site": site }));
    let signed = cast.act("pharmacist", Some("sign_kit_reconciliation"), &path, &of)?;
    let confirmation = format!("{path}/{}/confirmation", text_at(&signed, "/kit_reconciliation/id"));
    cast.act("monitor", Some("confirm_kit_reconciliation"), &confirmation, &json!({}))?;
    let proposed = json!({ "site": site, "kits": [damaged] });
    cast.act("pharmacist", Some("propose_destruction"), &cast.path("/destructions"), &proposed)?;
    Ok(())
}

/// A batch in the sponsor's stock whose expiry is to be extended, and one whose sample is still to be checked. Gives
/// the page on which a lot of the first could be called back.
fn batches(cast: &Cast, files: &Files) -> Result<String, Failure> {
    let (mut more, kit_types) = (files.clone(), demo::kit_types(files)?);
    more.plan.batch.id = "B-MORE".to_owned();
    more.plan.batch.kits_per_type = demo::design(files)?.resupply_rules().group_size.saturating_mul(12);
    setup::register(cast, &more, &kit_types)?;
    let longer = |expiry: &str| expiry.replacen("20", "21", 1);
    let lots = kit_types.iter().zip(&more.plan.batch.lots);
    let lots: Vec<Value> =
        lots.map(|(code, lot)| json!({ "kit_type": code, "expiry": longer(&lot.expiry) })).collect();
    let extension = json!({
        "label_expiry": longer(&more.plan.batch.label_expiry), "lots": lots, "reason": "for the benchmark",
    });
    let path = cast.path("/batches/B-MORE/expiry-extensions");
    cast.act("supply", Some("propose_extension"), &path, &extension)?;
    more.plan.batch.id = "B-SAMPLE".to_owned();
    setup::announce(cast, &more, &kit_types)?;
    packager::packed(cast, "B-SAMPLE", &Packager::of_the_demo()?)?;
    let lot = more.plan.batch.lots.first().map(|lot| &lot.lot);
    let statements = cast.path("/batches/B-MORE/lot-statements");
    let stated = cast.act("supply", None, &statements, &json!({ "lot": lot }))?;
    let [id, hash] = ["id", "sha256"].map(|name| text_at(&stated, &format!("/lot_statement/{name}")));
    let page = "/supply/batches/B-MORE/lot-recall";
    Ok(cast.path(&format!("{page}?statement={id}&statement_sha256={hash}")))
}

/// A shipment that came too warm, one that is on its way and overdue in the end, one that is picked, and the plan of
/// the site. Gives the page on which it is decided about the first.
fn shipments(cast: &Cast, site: &str) -> Result<String, Failure> {
    let (warm, kits) = setup::dispatched(cast, site)?;
    let receipt = json!({
        "received": kits, "missing": [], "damaged": [], "excursion": true,
        "temperature_record_sha256": "0".repeat(64),
    });
    cast.act("pharmacist", None, &cast.path(&format!("/shipments/{warm}/receipt")), &receipt)?;
    setup::dispatched(cast, site)?;
    cast.act("depot", None, &cast.path("/shipments"), &json!({ "to_site": site, "groups": 1 }))?;
    cast.act("depot", None, &cast.path("/resupply-plans"), &json!({ "site": site }))?;
    Ok(cast.path(&format!("/supply/quarantine/decision?shipment={warm}")))
}

/// A hold, its reason that is to be redacted, and an unblinded role that waits for its second signature.
fn decisions(cast: &Cast, site: &str) -> Result<(), Failure> {
    let before = cast.ask("monitor", &cast.path("/journal?limit=1"))?;
    let hold = json!({ "on": "randomization", "site": site, "reason": "for the benchmark" });
    cast.act("monitor", None, &cast.path("/holds"), &hold)?;
    let text = json!({ "leaf": before.pointer("/journal/size"), "why": "identifies_another" });
    cast.act("monitor", Some("propose_redaction"), &cast.path("/redactions"), &text)?;
    let invited =
        json!({ "login": "newcomer", "display_name": "Newcomer", "email": "newcomer@demo.invalid" });
    cast.act("admin", None, "/users", &invited)?;
    let grant = json!({ "role": "supply_manager", "study": "imodals", "reason": "for the benchmark" });
    cast.act("admin", Some("grant_role"), "/users/newcomer/grants", &grant)?;
    Ok(())
}
