//! `GET /break-glass`: what to do when a participant is ill and nobody of the study is there. Linked from the patient
//! card; it needs no log-in, and not even the database.

use actix_web::HttpRequest;
use actix_web::web::Data;
use service::Shared;
use service::study::{self, Contact};

use crate::answer::{Answer, run};
use crate::pages::page::{Link, Page, Part};
use crate::pages::visitor::Here;
use crate::words::Words;

const STEPS: [&str; 5] = ["glass.first", "glass.second", "glass.third", "glass.fourth", "glass.fifth"];

pub(in crate::pages) async fn show(service: Data<Shared>, request: HttpRequest) -> Answer {
    let here = Here::of(&request);
    let words = here.words;
    // Without the database the numbers are those on the card; the rest is said all the same.
    let contacts = run(move || study::contacts(&service, words.0)).await.unwrap_or_default();
    let ways = contacts.iter().flat_map(|contact| ways(words, contact));
    let log_in = contacts.is_empty().then(|| Link::new(words.say("log_in.title"), "/log-in").main());
    let ways = ways.chain(log_in).collect();
    Page::public(&here, words.say("glass.title"))
        .part(Part::Steps(STEPS.map(|step| words.say(step).to_owned()).to_vec()))
        .parts(contacts.iter().flat_map(|contact| parts(words, contact)))
        .part(Part::Heading(words.say("glass.investigator").to_owned()))
        .text(words.say("glass.log_in"))
        .part(Part::Links(ways))
        .answer()
}

/// How an investigator breaks a code of one study: by the log-in, straight to it, and without.
fn ways(words: Words, contact: &Contact) -> [Link; 2] {
    let study = &contact.study;
    let logged_in = format!("/log-in?then=/studies/{study}/break");
    [
        Link::new(words.fill("glass.to_break", &[("study", study)]), logged_in).main(),
        Link::new(
            words.fill("emergency.of", &[("study", study)]),
            format!("/studies/{study}/emergency-break"),
        ),
    ]
}

/// Whom to call about the subjects of one study.
fn parts(words: Words, contact: &Contact) -> [Part; 3] {
    let Contact { study, title, contact, address, telephone } = contact;
    let facts = [
        ("glass.study", study.to_string()),
        ("glass.contact", contact.clone()),
        ("glass.address", address.clone()),
    ];
    let digits = telephone.chars().filter(|sign| sign.is_ascii_digit() || *sign == '+');
    let call = format!("tel:{}", digits.collect::<String>());
    let call = Link::new(words.fill("glass.call", &[("telephone", telephone)]), call).emergency();
    let facts = facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec();
    [Part::Heading(title.clone()), Part::Facts(facts), Part::Links(vec![call])]
}
