//! The outbox: what is told, to whom, and that nothing waits for it.

use iwrs_tests::app::{TestApp, World, eligible, files};
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::folder::TempFolder;
use serde_json::json;
use service::mail::{EmailAddress, Letterhead, Mail, Mailer};
use service::notices::{Counts, send_due};
use store::rows::notice::{Audience, Notice, queue};
use store::{Store, Tree};
use trial::Refusal;

use crate::record::leaves;

const SAFETY: &str = "safety@demo.invalid";
const SUPPLY: &str = "unblinded-supply@demo.invalid";

fn address(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

fn send(app: &TestApp, mailer: &Mailer) -> Counts {
    let head = Letterhead { from: address("iwrs@test.invalid"), service: "https://iwrs.test".to_owned() };
    let mut all = Counts::default();
    loop {
        let counts = send_due(&app.service, mailer, &head).expect("the outbox is read");
        all.sent += counts.sent;
        all.waiting += counts.waiting;
        all.given_up += counts.given_up;
        if counts == Counts::default() {
            return all;
        }
    }
}

fn subjects(mails: &[Mail]) -> Vec<&str> {
    mails.iter().map(Mail::subject).collect()
}

fn break_code(app: &TestApp, subject: &str) {
    let body = json!({ "screening_number": subject, "reason": "overdose" });
    app.person("oncall").sign_and_post("unblind", &app.path("/unblindings"), &body).expect(201);
}

#[test]
fn not_04_mail_that_is_down_holds_up_nothing_and_is_sent_later() {
    let app = TestApp::imodals();
    send(&app, &Mailer::memory());
    let gone = TempFolder::new();
    let down = Mailer::file(&gone.path().join("mail")).expect("a folder");
    std::fs::remove_dir_all(gone.path().join("mail")).expect("the folder goes");
    app.randomize("S-001", 1960, "female");
    break_code(&app, "S-001");
    let failed = send(&app, &down);
    assert!(failed.waiting > 0 && failed.sent == 0 && failed.given_up == 0, "{failed:?}");
    let up = Mailer::memory();
    assert_eq!(send(&app, &up), Counts::default(), "none is due again before a minute has passed");
    app.clock.advance(60);
    assert_eq!(send(&app, &up).sent, failed.waiting);
    let told = up.sent_to(&address(SAFETY));
    let told = subjects(&told);
    assert!(told.contains(&"[imodals] Subject S-001 was randomized"), "{told:?}");
    assert!(told.contains(&"[imodals] The code of subject S-001 was broken"), "{told:?}");
    app.clock.advance(86_400);
    assert_eq!(send(&app, &up), Counts::default(), "what was delivered is not sent again");
}

#[test]
fn not_01_a_notice_of_a_break_is_the_same_for_every_arm() {
    let app = TestApp::imodals();
    let mut bodies = Vec::new();
    // A block of six holds every arm twice, so that five subjects have all of them.
    for (number, born) in (1..=5).zip(1960_u16..) {
        let subject = format!("S-00{number}");
        app.randomize(&subject, born, "female");
        send(&app, &Mailer::memory());
        break_code(&app, &subject);
        let mailer = Mailer::memory();
        send(&app, &mailer);
        let mails = mailer.sent_to(&address(SAFETY));
        let body: String = mails.iter().map(|mail| mail.body().replace(&subject, "S-00n")).collect();
        assert_eq!(mails.len(), 1);
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
    for word in ["placebo", "aldesleukin", "MIU", "vehicle"] {
        assert!(!bodies[0].contains(word), "{}", bodies[0]);
    }
}

#[test]
fn a_list_in_use_is_told_with_the_signed_head_of_the_journal() {
    let app = TestApp::imodals();
    let mailer = Mailer::memory();
    send(&app, &mailer);
    let mails = mailer.sent_to(&address(SAFETY));
    let told =
        mails.iter().find(|mail| mail.subject() == "[imodals] An allocation list was released for use");
    let body = told.expect("the notice").body();
    let leaves = leaves(&app);
    let activated = leaves.iter().position(|leaf| leaf["act"]["kind"] == "list_activated").expect("the leaf");
    let list = leaves[activated]["act"]["list"].as_str().expect("a list");
    assert!(body.contains(&format!("List: {list}\n")), "{body}");
    assert!(body.contains(&format!("\n{}\n", activated + 1)), "the head holds the leaf: {body}");
    assert!(body.contains("\n\u{2014} iwrs-test "), "it is signed: {body}");
}

#[test]
fn a_hold_is_told_once_to_everybody() {
    let app = TestApp::imodals();
    send(&app, &Mailer::memory());
    let hold = json!({ "on": "dispensing", "reason": "an inspection" });
    let placed = app.person("monitor").post(&app.path("/holds"), &hold).expect(201);
    let path = app.path(&format!("/holds/{}/release", placed["hold"]["id"].as_str().expect("an id")));
    app.person("monitor").post(&path, &json!({ "reason": "all is well" })).expect(201);
    let mailer = Mailer::memory();
    send(&app, &mailer);
    for recipient in [SAFETY, SUPPLY] {
        let mut told = mailer.sent_to(&address(recipient));
        told.sort_by(|one, other| one.subject().cmp(other.subject()));
        assert_eq!(
            subjects(&told),
            ["[imodals] A hold on dispensing was released", "[imodals] A hold was placed on dispensing"]
        );
        assert!(told.iter().all(|mail| !mail.body().contains("inspection")), "a reason is sealed");
    }
}

/// A client that tries again buries no mail, and a site that is short silences no other.
#[test]
fn not_05_a_shortage_is_told_of_every_site_and_of_each_once_in_a_quarter_of_an_hour() {
    let app = TestApp::imodals();
    let mut sites = Vec::new();
    for (site, login, subject) in [("30-001", "here", "S-001"), ("31-001", "there", "S-002")] {
        app.add_site(site);
        let investigator = app.add_person(login, "investigator", Some(site));
        let body = json!({ "screening_number": subject, "site": site, "birth_year": 1960, "sex": "female" });
        investigator.post(&app.path("/subjects"), &body).expect(201);
        sites.push((investigator, app.path(&format!("/subjects/{subject}/randomization"))));
    }
    let told_after_a_refusal = |place: usize| {
        let (investigator, path) = &sites[place];
        let investigator = Client(investigator.0.log_in_again().expect("a log-in"));
        assert_eq!(investigator.sign_and_post("randomize", path, &eligible()).problem(409), "supply-short");
        let alerts = "SELECT about AS value FROM notice WHERE template = 'shortage_alert' ORDER BY about";
        app.database.values(alerts).expect("the notices").join(" ")
    };
    let (here, there) = ("30-001 30-001 30-001", "31-001 31-001 31-001");
    assert_eq!(told_after_a_refusal(0), here, "of every type");
    assert_eq!(told_after_a_refusal(0), here);
    assert_eq!(told_after_a_refusal(1), format!("{here} {there}"));
    app.clock.advance(15 * 60 - 1);
    assert_eq!(told_after_a_refusal(1), format!("{here} {there}"));
    app.clock.advance(1);
    assert_eq!(told_after_a_refusal(0), format!("{here} {here} {there}"));
}

#[test]
fn a_refused_act_is_not_told() {
    let app = TestApp::imodals();
    app.screen("S-001", 1960, "female");
    send(&app, &Mailer::memory());
    let path = app.path("/subjects/S-001/randomization");
    let mut body = eligible();
    body["consent_date"] = json!("2015-10-06");
    app.person("investigator").sign_and_post("randomize", &path, &body).problem(422);
    let early = json!({ "screening_number": "S-001", "reason": "overdose" });
    app.person("oncall").sign_and_post("unblind", &app.path("/unblindings"), &early).problem(409);
    assert_eq!(send(&app, &Mailer::memory()), Counts::default());
}

#[test]
fn not_07_the_recipient_is_asked_about_again_at_the_moment_of_sending() {
    let app = TestApp::imodals();
    send(&app, &Mailer::memory());
    let store = Store::open(app.database.url()).expect("the store opens");
    let told = json!({
        "study": "imodals", "site": null, "at": "2015-10-05T08:00:00.000000Z", "by": null,
        "event": { "hold_placed": { "on": "dispensing" } },
    });
    let rows = [
        // Queued for an unblinded recipient who has become a blinded one.
        ("n-1", SAFETY, Audience::Unblinded),
        // Queued for somebody who is no longer a recipient.
        ("n-2", "left@demo.invalid", Audience::Blinded),
        ("n-3", SAFETY, Audience::Blinded),
    ];
    let (params, now) = (told.to_string(), app.clock.now());
    let written = store.write::<_, Refusal>(Tree::Study("imodals".parse().expect("an id")), move |tx| {
        for (id, recipient, audience) in rows {
            let (id, recipient) = (id.parse().expect("an id"), recipient.to_owned());
            let (template, params) = ("hold_placed".to_owned(), params.clone());
            queue(tx, &Notice { id, recipient, template, params, audience, queued_at: now, about: None })?;
        }
        Ok(())
    });
    written.expect("queued");
    let mailer = Mailer::memory();
    assert_eq!(send(&app, &mailer), Counts { sent: 1, waiting: 0, given_up: 2 });
    assert_eq!(mailer.sent_to(&address(SAFETY)).len(), 1);
    app.clock.advance(86_400);
    assert_eq!(send(&app, &mailer), Counts::default(), "what is given up is not tried again");
}

/// Which kits lie at a site is told to nobody who knows what is in them, also when that came about after it was queued.
#[test]
fn not_07_a_notice_that_names_kits_is_not_sent_to_who_has_become_unblinded() {
    let recalled =
        json!({ "kits_recalled": { "batch": "B-1", "kits": ["7955171567"], "with_subjects": [] } });
    let expiring = json!({ "alert_raised": {
        "kind": "expiry_horizon", "place": "site/34-001", "reference": "B-1", "owner": "depot",
        "says": "The label expiry is 2016-02-29.",
    } });
    for (template, event, words) in [
        ("kits_recalled", recalled, "Kits: 7955171567\n"),
        ("alert_raised", expiring, "To be seen to by: depot\n"),
    ] {
        let app = TestApp::imodals();
        send(&app, &Mailer::memory());
        let store = Store::open(app.database.url()).expect("the store opens");
        let told = json!({
            "study": "imodals", "site": "34-001", "at": "2015-10-05T08:00:00.000000Z", "by": null,
            "event": event,
        });
        let now = app.clock.now();
        let written = store.write::<_, Refusal>(Tree::Study("imodals".parse().expect("an id")), move |tx| {
            for (id, recipient) in [("n-1", SUPPLY), ("n-2", SAFETY)] {
                let (id, recipient) = (id.parse().expect("an id"), recipient.to_owned());
                let (template, params) = (template.to_owned(), told.to_string());
                let audience = Audience::Blinded;
                queue(
                    tx,
                    &Notice { id, recipient, template, params, audience, queued_at: now, about: None },
                )?;
            }
            Ok(())
        });
        written.expect("queued");
        let mailer = Mailer::memory();
        assert_eq!(send(&app, &mailer), Counts { sent: 1, waiting: 0, given_up: 1 }, "{template}");
        assert_eq!(mailer.sent_to(&address(SUPPLY)).len(), 0);
        assert!(mailer.sent_to(&address(SAFETY))[0].body().contains(words), "{template}");
    }
}

#[test]
fn aud_05_a_checkpoint_is_mailed_daily_and_after_every_code_break() {
    let app = TestApp::imodals();
    let mail = || service::journal::mail_checkpoints(&app.service).expect("mailed");
    let queued = || {
        let query = "SELECT id AS value FROM notice WHERE template = 'checkpoint'";
        app.database.values(query).expect("the outbox").len()
    };
    let recipients = queued_for_all(&app);
    mail();
    assert_eq!(queued(), recipients, "the first is due at once");
    mail();
    assert_eq!(queued(), recipients, "and no other on the same day");
    app.clock.advance(60);
    app.randomize("S-001", 1960, "female");
    break_code(&app, "S-001");
    app.clock.advance(1);
    mail();
    assert_eq!(queued(), 2 * recipients, "soon after a code break");
    app.clock.advance(24 * 60 * 60);
    mail();
    assert_eq!(queued(), 3 * recipients, "and every day");
}

/// How many addresses the study's notices go to.
fn queued_for_all(app: &TestApp) -> usize {
    app.database.values("SELECT DISTINCT email AS value FROM recipient").expect("the recipients").len()
}

#[test]
fn unb_13_two_breaks_in_a_block_of_3_tell_the_unblinded_of_one_other() {
    let sealed = files().sealed.replace("block_sizes = [6]", "block_sizes = [3]");
    assert_ne!(sealed, files().sealed);
    let app = TestApp::in_world(World { sealed_design: Some(sealed), ..World::default() });
    let mailer = Mailer::memory();
    for (subject, year) in [("S-001", 1960), ("S-002", 1961), ("S-003", 1962)] {
        app.randomize(subject, year, "female");
    }
    send(&app, &mailer);
    let deducible = || {
        let read = app.person("statistician").get(&app.path("/reconciliation")).expect(200);
        let places = read["reconciliation"]["deducible"].as_array().expect("places").clone();
        places
            .iter()
            .map(|place| place["subject"].as_str().expect("a subject").to_owned())
            .collect::<Vec<_>>()
    };
    for (broken, others) in [("S-003", vec![]), ("S-001", vec!["S-002"]), ("S-002", vec![])] {
        let before = mailer.sent_to(&address(SUPPLY)).len();
        break_code(&app, broken);
        send(&app, &mailer);
        let mails = mailer.sent_to(&address(SUPPLY));
        let of_breaks = mails[before..].iter().filter(|mail| mail.subject().contains("tells of others"));
        let bodies: Vec<&str> = of_breaks.map(Mail::body).collect();
        assert_eq!(bodies.len(), 1, "at every break, whatever it says");
        assert!(bodies[0].contains(&format!("Broken: {broken}\n")), "{}", bodies[0]);
        assert!(bodies[0].contains("from all breaks: see the reconciliation\n"), "{}", bodies[0]);
        assert_eq!(deducible(), others, "after {broken}");
    }
    let blinded = mailer.sent_to(&address(SAFETY));
    assert!(blinded.iter().all(|mail| !mail.subject().contains("tells of others")));
}
