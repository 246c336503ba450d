//! Every notice in words and as a row, and what no notice says.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::str::FromStr;

use serde_json::Value;
use strum::EnumCount;
use terms::Moment;

use super::{BlindedEvent, CheckpointNote, RaisedAlert, UnblindedEvent};
use crate::mail::{
    BadRow, BlindedNotice, FactorChange, Letterhead, Mail, Notice, NoticeRow, UnblindedNotice,
};
use trial::alerts::{AlertKind, AlertPlace};
use trial::{HoldOn, Role};

fn read<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a good text")
}

fn read_place(text: &str) -> AlertPlace {
    text.parse().unwrap_or_else(|_none| panic!("a place: {text}"))
}

fn letterhead() -> Letterhead {
    Letterhead { from: read("iwrs@example.org"), service: "https://iwrs.example.org".to_owned() }
}

fn notice<E>(event: E) -> Notice<E> {
    Notice {
        study: Some(read("imodals")),
        site: Some(read("34-001")),
        at: Moment::parse("2015-10-05T08:00:00Z").expect("an instant"),
        by: Some(read("u-ada")),
        event,
    }
}

fn checkpoint() -> CheckpointNote {
    let key = journal::SigningKey::from_seed("iwrs.example", [1; 32]).expect("a key");
    let head = journal::Head { size: 0, root: journal::empty_root() };
    let signed = key.sign_extension(None, &[], &journal::Checkpoint::new("iwrs.example/imodals", head));
    CheckpointNote::from(&signed.expect("signed"))
}

/// One event of every kind, its template and subject, and the facts that only it tells.
fn blinded() -> Vec<(BlindedEvent, &'static str, &'static str, &'static str)> {
    #[rustfmt::skip]
    let table = vec![
        (BlindedEvent::SubjectRandomized { subject: read("S-001"), number: read("R0001") },
            "subject_randomized", "Subject S-001 was randomized",
            "Subject: S-001\nRandomization number: R0001\n"),
        (BlindedEvent::CodeBroken { subject: read("S-001") },
            "code_broken", "The code of subject S-001 was broken", "Subject: S-001\n"),
        (BlindedEvent::ListActivated { list: read("L1"), checkpoint: checkpoint() },
            "list_activated", "An allocation list was released for use", "List: L1\n"),
        (BlindedEvent::Checkpoint { checkpoint: checkpoint() },
            "checkpoint", "Checkpoint of the journal", ""),
        (BlindedEvent::HoldPlaced { on: HoldOn::Randomization },
            "hold_placed", "A hold was placed on randomization", ""),
        (BlindedEvent::HoldReleased { on: HoldOn::Dispensing },
            "hold_released", "A hold on dispensing was released", ""),
        (BlindedEvent::RoleGranted { user: read("u-eve"), role: Role::SupplyManager },
            "role_granted", "A role was granted", "To: u-eve\nRole: supply manager\n"),
        (BlindedEvent::WrongKitScanned { subject: read("S-001"), visit: read("D29") },
            "wrong_kit_scanned", "A wrong kit was stopped for subject S-001",
            "Subject: S-001\nVisit: D29\n"),
        (BlindedEvent::ManyReplacements { subject: read("S-001"), visit: read("D29") },
            "many_replacements", "More kits than expected were replaced for subject S-001",
            "Subject: S-001\nVisit: D29\n"),
        (BlindedEvent::ExpiryChanged { batch: read("B-1"), label_expiry: read("2016-02-29") },
            "expiry_changed", "The label expiry of batch B-1 changed",
            "Batch: B-1\nLabel expiry: 2016-02-29\n"),
        (BlindedEvent::BatchRecalled { batch: read("B-1") },
            "batch_recalled", "Batch B-1 is recalled", "Batch: B-1\n"),
        (BlindedEvent::SomeKitsRecalled { batch: read("B-1") },
            "some_kits_recalled", "Some kits of batch B-1 are recalled",
            "Batch: B-1\n"),
        (BlindedEvent::KitsShortened { batch: read("B-1"), label_expiry: read("2016-02-29"),
                kits: vec![read("7955171567")], with_subjects: vec![] },
            "kits_shortened", "Kits of batch B-1 must not be used any more",
            "Batch: B-1\nLabel expiry: 2016-02-29\nKits: 7955171567\n"),
        (BlindedEvent::KitsExtended { batch: read("B-1"), label_expiry: read("2016-02-29"),
                kits: vec![read("7955171567")] },
            "kits_extended", "Kits of batch B-1 may be used longer",
            "Batch: B-1\nLabel expiry: 2016-02-29\nKits: 7955171567\n"),
        (BlindedEvent::KitsRecalled { batch: read("B-1"), kits: vec![],
                with_subjects: vec![read("7955171567")] },
            "kits_recalled", "Kits of batch B-1 are recalled: do not use them",
            "Batch: B-1\nKits that subjects have: 7955171567\n"),
        (BlindedEvent::AlertRaised(RaisedAlert { kind: AlertKind::LowStock, place: read_place("site/34-001"),
                reference: "34-001".to_owned(), owner: Role::Depot, says: "2 usable kits.".to_owned() }),
            "alert_raised", "Alert: low stock",
            "Place: site/34-001\nReference: 34-001\nTo be seen to by: depot\nWhat is known: 2 usable kits.\n"),
        (BlindedEvent::AlertReminded(RaisedAlert { kind: AlertKind::OldQuarantine,
                place: read_place("depot/D"), reference: "D".to_owned(), owner: Role::Quality,
                says: "Since 2015-10-01.".to_owned() }),
            "alert_reminded", "Alert that nobody has acknowledged: old quarantine",
            "Place: depot/D\nReference: D\nTo be seen to by: quality\nWhat is known: Since 2015-10-01.\n"),
        (BlindedEvent::UnitStopped { subject: read("S-001") },
            "unit_stopped", "A prepared unit was stopped for subject S-001", "Subject: S-001\n"),
        (BlindedEvent::Invitation { user: read("u-eve") },
            "invitation", "An account was made for you",
            "Log-in: u-eve\nFirst password: your administrator gives it to you in person or by telephone\n"),
        (BlindedEvent::AccountReset { user: read("u-eve") },
            "account_reset", "Your password was reset, and your sessions were ended",
            "Log-in: u-eve\nIf you did not ask for it: tell another administrator at once\n"),
        (BlindedEvent::SecondFactorChanged { user: read("u-eve"), what: FactorChange::CodeUsed },
            "second_factor_changed", "A recovery code of your account was used",
            "Log-in: u-eve\nIf it was not you: tell an administrator at once\n"),
    ];
    let templates: BTreeSet<_> = table.iter().map(|row| row.1).collect();
    assert_eq!(templates.len(), BlindedEvent::COUNT, "every template is in the table");
    table
}

fn mail_of(notice: &BlindedNotice) -> Mail {
    notice.mail(&letterhead(), &read("n1"), &read("lead@example.org"))
}

#[test]
fn every_blinded_notice_says_what_happened_and_no_more() {
    for (event, _, title, facts) in blinded() {
        let verbatim = match &event {
            BlindedEvent::ListActivated { checkpoint, .. } | BlindedEvent::Checkpoint { checkpoint } => {
                format!("\n{}", checkpoint.0)
            }
            _ => String::new(),
        };
        let mail = mail_of(&notice(event));
        assert_eq!(mail.subject(), format!("[imodals] {title}"));
        let expected = format!(
            "{title}.\n\nStudy: imodals\nSite: 34-001\n{facts}When: 2015-10-05T08:00:00.000000Z\nWho: u-ada\n\
             {verbatim}\nThis message tells no treatment. More can be read after logging in:\n\
             https://iwrs.example.org\n"
        );
        assert_eq!(mail.body(), expected);
        assert!(mail.message().is_ok());
    }
}

#[test]
fn a_notice_of_no_study_and_nobody_says_so() {
    let event = BlindedEvent::Checkpoint { checkpoint: checkpoint() };
    let mail = mail_of(&Notice { study: None, site: None, by: None, ..notice(event) });
    assert_eq!(mail.subject(), "[iwrs] Checkpoint of the journal");
    assert!(
        mail.body().starts_with(
            "Checkpoint of the journal.\n\nWhen: 2015-10-05T08:00:00.000000Z\nWho: the service\n"
        )
    );
}

#[test]
fn not_01_a_shortage_names_the_kit_type_in_the_text_alone_and_says_unblinded() {
    let event = UnblindedEvent::ShortageAlert { kit_type: "Type K7".to_owned(), usable: 2, wanted: 6 };
    let mail = notice(event).mail(&letterhead(), &read("n1"), &read("supply@example.org"));
    assert_eq!(mail.subject(), "[imodals] A site could not be served from its shelf");
    assert!(mail.body().contains("\nKit type: Type K7\nUsable kits:      2\nWanted:      6\n"));
    assert!(mail.body().contains("UNBLINDED"));
}

#[test]
fn unb_13_the_mail_tells_nothing_of_what_can_be_deduced() {
    let notice = notice(UnblindedEvent::CodeDeducible { subject: read("S-001") });
    assert_eq!(UnblindedNotice::from_row(&notice.to_row()).expect("a notice"), notice);
    let mail = notice.mail(&letterhead(), &read("n1"), &read("statistician@example.org"));
    assert_eq!(mail.subject(), "[imodals] What a broken code tells of others");
    assert!(mail.body().contains("deduced from all breaks: see the reconciliation\n"), "{}", mail.body());
}

#[test]
fn every_notice_comes_back_from_its_row() {
    for (event, template, _, _) in blinded() {
        let notice = notice(event);
        let row = notice.to_row();
        assert_eq!(row.template, template);
        assert_eq!(BlindedNotice::from_row(&row).expect("a notice"), notice);
        assert!(UnblindedNotice::from_row(&row).is_err(), "{template} is no unblinded notice");
    }
    let short = notice(UnblindedEvent::ShortageAlert { kit_type: "K7".to_owned(), usable: 2, wanted: 6 });
    assert_eq!(UnblindedNotice::from_row(&short.to_row()).expect("a notice"), short);
    assert!(matches!(BlindedNotice::from_row(&short.to_row()), Err(BadRow::Params(_))));
}

#[test]
fn a_row_with_other_fields_is_no_notice() {
    let row = notice(BlindedEvent::CodeBroken { subject: read("S-001") }).to_row();
    let with = |params: String| BlindedNotice::from_row(&NoticeRow { params, ..row.clone() }).is_err();
    assert!(!with(row.params.clone()));
    assert!(with(row.params.replacen('{', "{\"arm\":1,", 1)), "an unknown field of the notice");
    assert!(
        with(row.params.replace("\"subject\":", "\"arm\":1,\"subject\":")),
        "an unknown field of the event"
    );
    assert!(with(row.params.replace("S-001", "S 001")), "a bad identifier");
    let other = NoticeRow { template: "hold_placed".to_owned(), ..row };
    assert!(matches!(BlindedNotice::from_row(&other), Err(BadRow::Template(_))));
}

#[test]
fn not_08_blinded_notices_have_these_fields_and_no_others() {
    fn names(json: &Value, into: &mut BTreeSet<String>) {
        for (name, value) in json.as_object().into_iter().flatten() {
            into.insert(name.clone());
            names(value, into);
        }
    }
    let mut found = BTreeSet::new();
    let mut templates = BTreeSet::new();
    for (event, template, _, _) in blinded() {
        let params = notice(event).to_row().params;
        names(&serde_json::from_str(&params).expect("JSON"), &mut found);
        templates.insert(template.to_owned());
    }
    // Whoever adds a field says here that it is public: no arm, kit type, true lot, name, initials or birth
    // date.
    let allowed = [
        "at",
        "batch",
        "by",
        "checkpoint",
        "event",
        "kind",
        "kits",
        "label_expiry",
        "list",
        "number",
        "on",
        "owner",
        "place",
        "reference",
        "role",
        "says",
        "site",
        "study",
        "subject",
        "user",
        "visit",
        "what",
        "with_subjects",
    ];
    let found: Vec<_> =
        found.iter().filter(|name| !templates.contains(*name) || *name == "checkpoint").collect();
    assert_eq!(found, allowed);
}
