//! What is said of a shipment's kits on the form of its receipt: of each by itself, of those that were scanned, and of
//! all others by counting them.

use std::collections::BTreeMap;

use terms::KitNumber;

use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::words::Words;

/// What can be said of a kit that came out of the box, or did not: the three lists of the receipt.
const ARRIVALS: [(&str, &str); 3] =
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

/// What was said of every kit, as it is going to be recorded.
pub(super) struct Unpacked {
    /// The form with it standing at each kit. What was typed stays as it was typed, in the form that is shown.
    pub(super) form: Form,
    /// The kits of which nothing was said but by the count.
    by_count: Vec<KitNumber>,
}

/// What is wrong, by the name of the field.
type Wrong = BTreeMap<String, String>;

/// What was said of every kit; or what is wrong: a number that is no kit of the shipment, a kit that was scanned and is
/// said to be missing, a kit of which nothing is said, a count that does not agree or in which a stranger was counted.
pub(super) fn unpacked(words: Words, typed: &Form, kits: &[KitNumber]) -> Result<Unpacked, Wrong> {
    let (mut form, mut wrong) = (typed.clone(), BTreeMap::new());
    take_scanned(words, &mut form, kits, &mut wrong);
    let by_count = take_counted(words, &mut form, kits, &mut wrong);
    if wrong.is_empty() { Ok(Unpacked { form, by_count }) } else { Err(wrong) }
}

/// The form as it was typed with what is wrong. A count that took a stranger for a kit is not kept.
pub(super) fn put_right(words: Words, typed: Form, wrong: &Wrong) -> Form {
    let mut form = typed.wrong_at(words, wrong);
    let counted_strangers = wrong.contains_key(SCANNED);
    for field in form.fields.iter_mut().filter(|field| counted_strangers && field.name == COUNTED) {
        field.value.clear();
    }
    form
}

fn take_scanned(words: Words, form: &mut Form, kits: &[KitNumber], wrong: &mut Wrong) {
    let scanned = value(form, SCANNED).to_owned();
    let mut strangers = Vec::new();
    for text in scanned.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let number = KitNumber::scanned(text).ok();
        let kit = number.filter(|kit| kits.contains(kit)).map(|kit| name(&kit));
        match form.fields.iter_mut().find(|field| Some(&field.name) == kit.as_ref()) {
            Some(field) if field.value == MISSING => {
                wrong.insert(field.name.clone(), words.say("receipt.scanned_and_missing").to_owned());
            }
            Some(field) if field.value.is_empty() => RECEIVED.clone_into(&mut field.value),
            Some(_said) => {}
            None => strangers.push(number.map_or_else(|| readable(text), |number| face::kit(&number))),
        }
    }
    if !strangers.is_empty() {
        let what = strangers.join(", ");
        wrong.insert(SCANNED.to_owned(), words.fill("receipt.stranger", &[("what", &what)]));
    }
}

/// What a scanner gave, as far as a person can compare it with a box.
fn readable(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(40).collect()
}

/// Takes the kits of which nothing else is said, when the count agrees; and says which.
fn take_counted(words: Words, form: &mut Form, kits: &[KitNumber], wrong: &mut Wrong) -> Vec<KitNumber> {
    let counted = value(form, COUNTED).trim().to_owned();
    let unsaid: Vec<KitNumber> = said(form, kits, "");
    if counted.is_empty() {
        let trouble = words.say("receipt.unsaid");
        wrong.extend(unsaid.iter().map(|kit| (name(kit), trouble.to_owned())));
        return Vec::new();
    }
    let came = kits.len() - said(form, kits, MISSING).len();
    if wrong.contains_key(SCANNED) {
        wrong.insert(COUNTED.to_owned(), words.say("receipt.count_again").to_owned());
    } else if counted.parse() != Ok(came) {
        wrong.insert(COUNTED.to_owned(), words.fill("receipt.miscounted", &[("n", &came)]));
    }
    for field in form.fields.iter_mut().filter(|field| is_of_a_kit(field) && field.value.is_empty()) {
        RECEIVED.clone_into(&mut field.value);
    }
    unsaid
}

/// The kits of which this is said.
fn said(form: &Form, kits: &[KitNumber], code: &str) -> Vec<KitNumber> {
    kits.iter().filter(|kit| value(form, &name(kit)) == code).copied().collect()
}

/// What is read once more before it is recorded: how many came in good order, those of them that were only counted, and
/// each that did not.
pub(super) fn summary(words: Words, unpacked: &Unpacked, kits: &[KitNumber]) -> Vec<(String, String)> {
    let listed = |kits: &[KitNumber]| match kits {
        [] => words.say("form.none").to_owned(),
        kits => kits.iter().map(face::kit).collect::<Vec<_>>().join(", "),
    };
    let told = |(code, word): (&str, &'static str)| {
        let said = said(&unpacked.form, kits, code);
        let told = match code {
            RECEIVED => words.fill("receipt.n_of", &[("n", &said.len()), ("of", &kits.len())]),
            _ => listed(&said),
        };
        (words.say(word).to_owned(), told)
    };
    let by_count = (words.say("receipt.by_count").to_owned(), listed(&unpacked.by_count));
    let mut told = ARRIVALS.map(told).to_vec();
    told.insert(1, by_count);
    told
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
