//! What is said of a shipment's kits on the form of its receipt: of each by itself, of those that were scanned, and of
//! all others by counting them.

use std::collections::BTreeMap;

use terms::KitNumber;

use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::words::Words;

/// What can be said of a kit that came out of the box, or did not: the three lists of the receipt.
pub(super) const ARRIVALS: [(&str, &str); 3] =
    [(RECEIVED, "receipt.received"), (MISSING, "receipt.missing"), (DAMAGED, "receipt.damaged")];

const RECEIVED: &str = "received";
const MISSING: &str = "missing";
const DAMAGED: &str = "damaged";

const SCANNED: &str = "scanned";
const COUNTED: &str = "counted";

/// Fields for the kits: what was scanned, how many were counted, and each of them.
pub(super) fn fields(words: Words, kits: &[KitNumber]) -> Vec<Field> {
    let field =
        |name, label, kind, hint| Field::new(name, words.say(label), kind).hint(words.say(hint)).optional();
    let options: Vec<_> = ARRIVALS.map(|(code, word)| (code.to_owned(), words.say(word).to_owned())).to_vec();
    let one = |kit: &KitNumber| Field::new(name(kit), face::kit(kit), Kind::Radio(options.clone()));
    let ways = [
        field(SCANNED, "receipt.scanned", Kind::Lines, "receipt.scanned_hint"),
        field(COUNTED, "receipt.counted", Kind::Number, "receipt.counted_hint"),
    ];
    ways.into_iter().chain(kits.iter().map(one)).collect()
}

/// The form with what was said of every kit standing at the kit, or with what is wrong: a number that is no kit of the
/// shipment, a kit that was scanned and is said to be missing, a kit of which nothing is said, a count that does not
/// agree: then nothing is taken from it.
pub(super) fn spelled_out(words: Words, mut form: Form, kits: &[KitNumber]) -> Form {
    let mut wrong = BTreeMap::new();
    take_scanned(words, &mut form, kits, &mut wrong);
    take_counted(words, &mut form, kits, &mut wrong);
    form.wrong_at(words, &wrong)
}

/// What is wrong, by the name of the field.
type Wrong = BTreeMap<String, String>;

fn take_scanned(words: Words, form: &mut Form, kits: &[KitNumber], wrong: &mut Wrong) {
    let scanned = value(form, SCANNED).to_owned();
    for text in scanned.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let kit = KitNumber::scanned(text).ok().filter(|kit| kits.contains(kit)).map(|kit| name(&kit));
        match form.fields.iter_mut().find(|field| Some(&field.name) == kit.as_ref()) {
            Some(field) if field.value == MISSING => {
                wrong.insert(field.name.clone(), words.say("receipt.scanned_and_missing").to_owned());
            }
            Some(field) if field.value.is_empty() => RECEIVED.clone_into(&mut field.value),
            Some(_said) => {}
            None => {
                let stranger = words.fill("receipt.stranger", &[("what", &text)]);
                wrong.entry(SCANNED.to_owned()).or_insert(stranger);
            }
        }
    }
}

fn take_counted(words: Words, form: &mut Form, kits: &[KitNumber], wrong: &mut Wrong) {
    let counted = value(form, COUNTED).trim().to_owned();
    let came = kits.len() - said(form, kits, MISSING).len();
    let agrees = counted.parse() == Ok(came);
    if !counted.is_empty() && !agrees {
        wrong.insert(COUNTED.to_owned(), words.fill("receipt.miscounted", &[("n", &came)]));
    }
    for field in form.fields.iter_mut().filter(|field| is_of_a_kit(field) && field.value.is_empty()) {
        if agrees {
            RECEIVED.clone_into(&mut field.value);
        } else if counted.is_empty() {
            wrong.insert(field.name.clone(), words.say("receipt.unsaid").to_owned());
        }
    }
}

/// The kits of which this is said.
pub(super) fn said(form: &Form, kits: &[KitNumber], code: &str) -> Vec<KitNumber> {
    kits.iter().filter(|kit| value(form, &name(kit)) == code).copied().collect()
}

/// What is read once more before it is recorded: how many came in good order, and each that did not.
pub(super) fn summary(words: Words, form: &Form, kits: &[KitNumber]) -> Vec<(String, String)> {
    let told = |(code, word): (&str, &'static str)| {
        let said = said(form, kits, code);
        let listed = said.iter().map(face::kit).collect::<Vec<_>>().join(", ");
        let told = match code {
            RECEIVED => words.fill("receipt.n_of", &[("n", &said.len()), ("of", &kits.len())]),
            _ if said.is_empty() => words.say("form.none").to_owned(),
            _ => listed,
        };
        (words.say(word).to_owned(), told)
    };
    ARRIVALS.map(told).to_vec()
}

/// The same as the interface takes it: each kit in one of three lists. A kit of which nothing was said is in none, and
/// the receipt is refused.
pub(super) fn in_lists(form: &Form, kits: &[KitNumber]) -> Form {
    let list = |(code, _): (&str, &str)| {
        let said = said(form, kits, code).iter().map(ToString::to_string).collect::<Vec<_>>();
        Field::new(code, "", Kind::Lines).value(said.join("\n"))
    };
    let rest = form.fields.iter().filter(|field| is_of_the_receipt(field));
    Form { fields: ARRIVALS.map(list).into_iter().chain(rest.cloned()).collect(), ..form.clone() }
}

/// Whether a field is about the whole receipt, and not one of those that stand for its lists.
pub(super) fn is_of_the_receipt(field: &Field) -> bool {
    !is_of_a_kit(field) && ![SCANNED, COUNTED].contains(&field.name.as_str())
}

fn is_of_a_kit(field: &Field) -> bool {
    field.name.starts_with("kit.")
}

fn name(kit: &KitNumber) -> String {
    format!("kit.{kit}")
}

fn value<'a>(form: &'a Form, name: &str) -> &'a str {
    form.fields.iter().find(|field| field.name == name).map_or("", |field| field.value.as_str())
}
