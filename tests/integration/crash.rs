//! Kill -9 under load, again and again: what was acknowledged is there, what was not is done once when it is asked
//! again, and the journal holds.

mod load;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::sync::mpsc;
use std::thread;

use iwrs_tests::client::Expect;
use iwrs_tests::process::{Installation, Server};
use serde_json::{Value, json};

use crate::once::{PROGRAM, assert_journal_holds, reconciled};
use load::{Course, Logins, Sent};

/// Clients that work at the same time.
const CLIENTS: usize = 4;
/// How often the server is killed.
const KILLS: usize = 5;

/// How many answers are acknowledged before each kill: by chance, but the same chance in every run.
fn moments() -> Vec<u32> {
    let mut words = draw::Key::derive(&[1; 32], &["moments to kill at"]).words(0);
    (0..KILLS).map(|_| 8 + words.below(18)).collect()
}

#[test]
fn every_acknowledged_answer_outlives_five_kills() {
    let installation = Installation::imodals(PROGRAM);
    let file = installation.file("acknowledged.jsonl");
    let mut courses: Vec<Course> = (0..CLIENTS).map(|client| Course::new(client, CLIENTS)).collect();
    let mut logins = None;
    for answers in moments() {
        let mut server = installation.start();
        let people = Logins::at(&installation, &server, logins.take());
        courses = work(&mut server, &people, courses, answers, &file);
        logins = Some(people);
    }
    let server = installation.start();
    let people = Logins::at(&installation, &server, logins);
    settle(&people, &mut courses, &file);
    let acknowledged = read(&file);
    assert!(acknowledged.len() > KILLS * 8, "{} answers", acknowledged.len());
    assert_repeated(&people, &acknowledged);
    assert_there(&people, &acknowledged);
    let statistician = installation.log_in(&server, "statistician");
    reconciled(&statistician);
    assert_journal_holds(&statistician);
}

/// Lets the clients work until so many answers were acknowledged, and kills the server there and then, whatever it is
/// doing for the others.
fn work(
    server: &mut Server,
    people: &Logins,
    courses: Vec<Course>,
    answers: u32,
    file: &std::path::Path,
) -> Vec<Course> {
    let (sender, receiver) = mpsc::channel();
    let mut kept = fs::OpenOptions::new().create(true).append(true).open(file).expect("the file opens");
    thread::scope(|scope| {
        let start = |mut course: Course| {
            let sender = sender.clone();
            scope.spawn(move || {
                course.work(people, &sender);
                course
            })
        };
        let threads: Vec<_> = courses.into_iter().map(start).collect();
        drop(sender);
        for (count, sent) in (1..).zip(receiver.iter()) {
            keep(&mut kept, &sent);
            if count == answers {
                server.kill();
            }
        }
        threads.into_iter().map(|thread| thread.join().expect("a client ends well")).collect()
    })
}

/// What no answer came to is asked again under its key.
fn settle(people: &Logins, courses: &mut [Course], file: &std::path::Path) {
    let mut kept = fs::OpenOptions::new().append(true).open(file).expect("the file opens");
    for deed in courses.iter_mut().filter_map(Course::in_doubt) {
        let sent = deed.send(people).expect("an answer");
        assert_eq!(sent.status, 201, "{}", sent.answer);
        keep(&mut kept, &sent);
    }
}

fn keep(file: &mut fs::File, sent: &Sent) {
    writeln!(file, "{}", sent.to_json()).expect("the answer is kept");
}

fn read(file: &std::path::Path) -> Vec<Sent> {
    let text = fs::read_to_string(file).expect("the file is there");
    text.lines().map(|line| Sent::from_json(&serde_json::from_str(line).expect("JSON"))).collect()
}

/// Every key, sent again, gives the very answer that it gave.
fn assert_repeated(people: &Logins, acknowledged: &[Sent]) {
    for sent in acknowledged {
        let again = sent.deed.send(people).expect("an answer");
        assert_eq!((again.status, &again.answer), (sent.status, &sent.answer), "{}", sent.deed.path);
    }
}

/// Everything acknowledged is read back, and no kit was given twice.
fn assert_there(people: &Logins, acknowledged: &[Sent]) {
    let mut kits = BTreeSet::new();
    for sent in acknowledged {
        let answer: Value = serde_json::from_str(&sent.answer).expect("JSON");
        if let Some(number) = answer["dispensation"]["kits"][0].as_str() {
            assert!(kits.insert(number.to_owned()), "kit {number} was given twice");
        }
        assert_read_back(people, &answer);
    }
    assert!(!kits.is_empty(), "no kit was dispensed before a kill");
}

fn assert_read_back(people: &Logins, answer: &Value) {
    let investigator = people.person("investigator");
    let subject = |number: &Value| {
        let number = number.as_str().expect("a screening number");
        investigator.get(&format!("/studies/imodals/subjects/{number}")).expect(200)["subject"].clone()
    };
    if let Some(entered) = answer.get("subject") {
        assert_eq!(subject(&entered["screening_number"])["screening_number"], entered["screening_number"]);
    } else if let Some(randomized) = answer.get("randomization") {
        let found = subject(&randomized["subject"]);
        assert_eq!(found["randomization_number"], randomized["randomization_number"]);
    } else if let Some(dispensed) = answer.get("dispensation") {
        assert_eq!(dispensation(people, &dispensed["subject"])["kits"], dispensed["kits"]);
    } else {
        let handed_over = &answer["handover"];
        let found = dispensation(people, &handed_over["subject"]);
        assert_eq!(found["handed_over"], json!([handed_over["kit_number"]]));
    }
}

fn dispensation(people: &Logins, subject: &Value) -> Value {
    let path =
        format!("/studies/imodals/subjects/{}/dispensations", subject.as_str().expect("a screening number"));
    people.person("pharmacist").get(&path).expect(200)["dispensations"][0].clone()
}
