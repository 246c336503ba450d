//! `GET, POST /studies/{study}/kits/reconciliations/new`: somebody signs for the kits of a place that are finished
//! with; `.../reconciliations/{reconciliation}`: somebody else confirms it.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Path};
use service::Shared;
use service::accountability::reconcile::{self, Command, KitReconciliation, Outlook};
use service::kits::read::KitState;
use service::kits::stock;
use service::shipments::At;
use terms::{KitNumber, KitReconciliationId};
use trial::{Action, Refusal};

use super::disposals::signed;
use super::{facts, kit_cell, numbers, places, to_sign};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::kit_reconciliations::{Confirm, Sign};
use crate::face;
use crate::pages::form::{Field, Form, Kind, line_of};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent, Typed};
use crate::pages::supply::place as place_in_words;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

const COVERED: [&str; 3] = ["kit.number", "kit.state", "reconcile.outlook"];
const KITS: [&str; 2] = ["kit.number", "reconcile.explained"];
/// The name of the field in which it is said why a kit will not come back begins so.
const REASON: &str = "reason.";
/// The name of the field in which all of it is said, where more kits are out than have a field each.
const REASONS: &str = "explanations";
const MOST_FIELDS: usize = 25;

/// What the page knows of the place.
struct Known {
    at: Standing,
    place: At,
    outlook: Outlook,
    states: BTreeMap<KitNumber, KitState>,
}

/// The place that was chosen, or those there are.
enum Found {
    One(Box<Known>),
    ToChoose(Box<Standing>, Vec<At>),
}

pub(in crate::pages) async fn new(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let here = visitor.here.clone();
    match load(&service, &path, visitor, |name| here.asked(name)).await? {
        Found::One(known) => known.page(known.form(&Typed::default())).answer(),
        Found::ToChoose(at, places) => places::to_choose(&at, titled(&at), &places).answer(),
    }
}

pub(in crate::pages) async fn sign(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let known = match load(&service, &path, sent.visitor.clone(), |name| sent.typed.get(name)).await? {
        Found::One(known) => known,
        Found::ToChoose(at, places) => return places::to_choose(&at, titled(&at), &places).answer(),
    };
    let form = sent.fill(known.form(&sent.typed));
    if sent.is_resumed() {
        return known.page(form).answer();
    }
    let body = explained(&form);
    let command = body.read::<Sign>().and_then(|body| Ok(body.into_command()?));
    let command = match command {
        Ok(command) => command,
        Err(problem) => {
            let problem = by_line(&form, problem);
            return sent.refused(|form| known.page(form), form, &problem);
        }
    };
    if !sent.is_confirmed() {
        return known.to_read(known.to_confirm(form, &command)).answer();
    }
    let ordered = Ordered::at(&known.at, Action::SignKitReconciliation, "/kit-reconciliations");
    let done = sent.act(&service, &body, &ordered, |service, envelope, body: Sign| {
        reconcile::sign(service, envelope, body.into_command()?)
    });
    match done.await {
        Ok(signed) => {
            let to = known.at.address(format_args!("/kits/reconciliations/{}", signed.id));
            go_on_having(&to, "reconciliation_signed")
        }
        Err(problem) if problem.is_about_the_signature() => {
            let form = known.to_confirm(form, &command);
            sent.refused(|form| known.to_read(form), form, &problem)
        }
        Err(problem) => sent.refused(|form| known.page(form), form, &problem),
    }
}

async fn load<'a>(
    service: &Data<Shared>,
    study: &str,
    visitor: Visitor,
    asked: impl Fn(&str) -> Option<&'a str>,
) -> Result<Found, Problem> {
    let at = visitor.at(service, study).await?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let counted = run(move || stock::stock(&shared, &caller, &study)).await?;
    let places = places::of_visitor(&at, counted.iter().map(|of| &of.place));
    let Some(place) = places::chosen(&places, asked) else {
        return Ok(Found::ToChoose(Box::new(at), places));
    };
    let (shared, caller, study, of) = (service.clone(), at.caller(), at.study(), place.clone());
    let (outlook, states) = run(move || reconcile::outlook(&shared, &caller, &study, &of)).await?;
    Ok(Found::One(Box::new(Known { at, place, outlook, states })))
}

fn titled(at: &Standing) -> Page {
    Page::of_study(at, at.words().say("reconcile.title"))
}

/// The same as the interface takes it: explanations are those kits of which something was said.
fn explained(form: &Form) -> Form {
    let said = form.fields.iter().flat_map(said).enumerate();
    let explanations = said.flat_map(|(index, (kit, reason))| {
        let name = |what: &str| format!("{REASONS}.{index}.{what}");
        [
            Field::new(name("kit"), "", Kind::Text).value(kit),
            Field::new(name("reason"), "", Kind::Text).value(reason),
        ]
    });
    let is_rest = |field: &&Field| field.name != REASONS && !field.name.starts_with(REASON);
    let rest = form.fields.iter().filter(is_rest).cloned();
    Form { fields: rest.chain(explanations).collect(), ..form.clone() }
}

/// The kits of which a field says why they will not come back, each with what it says.
fn said(field: &Field) -> Vec<(&str, &str)> {
    if field.name == REASONS {
        return lines(field).into_iter().map(|(_, said)| said).collect();
    }
    let kit = field.name.strip_prefix(REASON).filter(|_| !field.value.trim().is_empty());
    kit.map(|kit| (kit, field.value.as_str())).into_iter().collect()
}

/// The lines of the field for all kits on which something is said, each with its place from 0. Those that still stand
/// as they were offered, a number and a colon, say nothing.
fn lines(field: &Field) -> Vec<(usize, (&str, &str))> {
    let all = field.value.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
    let said = all.filter_map(|(at, line)| match line.split_once(':') {
        Some((_, reason)) if reason.trim().is_empty() => None,
        Some(said) => Some((at, said)),
        None => Some((at, (line, ""))),
    });
    said.collect()
}

/// The same about the line that it is on, of the field for all kits.
fn by_line(form: &Form, mut problem: Problem) -> Problem {
    let field = form.fields.iter().find(|field| field.name == REASONS);
    let place = problem.field.as_deref().and_then(line_of).and_then(|line| line.checked_sub(1));
    let line = field.zip(place).and_then(|(field, place)| lines(field).get(place).map(|(at, _)| *at));
    if let Some(line) = line {
        problem.field = Some(format!("{REASONS}[{line}]"));
    }
    problem
}

/// The number of a kit grouped for reading aloud; what is none, as it came.
fn aloud(kit: &str) -> String {
    KitNumber::parse(kit).map_or_else(|_none| kit.to_owned(), |kit| face::kit(&kit))
}

impl Known {
    fn page(&self, form: Form) -> Page {
        let words = self.at.words();
        let of = places::in_words(&self.at, &self.place);
        let outlook = &self.outlook;
        let kinds = [
            (&outlook.finished, "reconcile.finished"),
            (&outlook.out, "reconcile.out"),
            (&outlook.unsettled, "reconcile.unsettled"),
            (&outlook.left_over, "reconcile.left_over"),
        ];
        // By state within each kind, so that what is alike stands together.
        let in_order = |kits: &[KitNumber]| {
            let mut kits: Vec<(Option<&KitState>, KitNumber)> =
                kits.iter().map(|kit| (self.states.get(kit), *kit)).collect();
            kits.sort_unstable();
            kits
        };
        let of_a_kind = |(kits, word): (&Vec<KitNumber>, &'static str)| {
            in_order(kits).into_iter().map(move |(_, kit)| (kit, word))
        };
        let all: Vec<(KitNumber, &'static str)> = kinds.into_iter().flat_map(of_a_kind).collect();
        let row = |(kit, word): &(KitNumber, &'static str)| self.row(kit, word);
        let table = Table::of(&self.at.visitor.here, "covered", "reconcile.covered", &COVERED, &all, row);
        let what = words.fill("reconcile.what", &[("n", &outlook.finished.len()), ("place", &of)]);
        titled(&self.at).text(what).form(form).part(Part::table(table))
    }

    fn row(&self, kit: &KitNumber, word: &'static str) -> Vec<Cell> {
        let words = self.at.words();
        let state = self.states.get(kit).map(|state| words.code("kit_state", state.code()));
        vec![kit_cell(&self.at, kit), Cell::maybe(state), Cell::text(words.say(word))]
    }

    /// For each kit that is out a field, or one for all where there are many. A form that was sent keeps its fields,
    /// whatever became of the kits since: nothing that was typed is lost.
    fn form(&self, typed: &Typed) -> Form {
        let words = self.at.words();
        let closing = Field::new("closing", words.say("reconcile.closing"), Kind::Check)
            .hint(words.say("reconcile.closing_hint"))
            .optional();
        let mut fields = vec![places::field(&self.place), closing];
        let sent: Vec<&str> = typed.0.iter().filter_map(|(name, _)| name.strip_prefix(REASON)).collect();
        let out: BTreeSet<String> = self.outlook.out.iter().map(ToString::to_string).collect();
        if typed.get(REASONS).is_some() || (sent.is_empty() && out.len() > MOST_FIELDS) {
            let offered: Vec<String> = out.iter().map(|kit| format!("{kit}: ")).collect();
            let reasons = Field::new(REASONS, words.say("reconcile.reasons"), Kind::Pairs);
            let reasons = reasons.hint(words.say("reconcile.reasons_hint")).optional();
            fields.push(reasons.value(offered.join("\n")));
        } else {
            let sent = sent.into_iter().map(str::to_owned);
            fields.extend(out.into_iter().chain(sent).collect::<BTreeSet<_>>().into_iter().map(|kit| {
                let label = words.fill("reconcile.reason", &[("kit", &aloud(&kit))]);
                Field::new(format!("{REASON}{kit}"), label, Kind::Text).optional()
            }));
        }
        Form::of(&self.at.visitor, fields, words.say("randomize.check"))
    }

    fn to_read(&self, form: Form) -> Page {
        titled(&self.at).text(self.at.words().say("reconcile.read")).form(form)
    }

    /// Exactly what is signed for.
    fn to_confirm(&self, form: Form, command: &Command) -> Form {
        let words = self.at.words();
        let mut kits = self.outlook.finished.clone();
        if command.closing {
            kits.extend(&self.outlook.left_over);
        }
        kits.sort_unstable();
        let mut known = vec![
            ("kit.place", places::in_words(&self.at, &self.place)),
            ("reconcile.closing", words.yes_no(command.closing).to_owned()),
            ("kit.count", kits.len().to_string()),
            ("kit.numbers", numbers(&kits)),
        ];
        let why = |(kit, reason): (&KitNumber, &String)| format!("{}: {reason}", face::kit(kit));
        known.extend(command.explanations.iter().map(|one| ("reconcile.explained", why(one))));
        to_sign(words, form, known, words.say("reconcile.meaning"), words.say("reconcile.button"))
    }
}

type Path2 = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path2, visitor: Visitor) -> Answer {
    let (at, one) = find(&service, &path, visitor).await?;
    page(&at, &one, form(&at, &one)).answer()
}

pub(in crate::pages) async fn confirm(service: Data<Shared>, path: Path2, sent: Sent) -> Answer {
    let (at, one) = find(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(confirmation(&at));
    if sent.is_resumed() {
        return page(&at, &one, Some(form)).answer();
    }
    let (id, address) = (one.id.clone(), format!("/kit-reconciliations/{}/confirmation", one.id));
    let ordered = Ordered::at(&at, Action::ConfirmKitReconciliation, address);
    let done = sent.act(&service, &form, &ordered, |service, envelope, Confirm {}| {
        reconcile::confirm(service, envelope, id)
    });
    match done.await {
        Ok(one) => go_on_having(
            &at.address(format_args!("/kits/reconciliations/{}", one.id)),
            "reconciliation_confirmed",
        ),
        Err(problem) => sent.refused(|form| page(&at, &one, Some(form)), form, &problem),
    }
}

async fn find(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, KitReconciliation), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let id: KitReconciliationId = named(&path.1)?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let all = run(move || reconcile::all(&shared, &caller, &study)).await?;
    Ok((at, all.into_iter().find(|one| one.id == id).ok_or(Refusal::NotFound)?))
}

fn page(at: &Standing, one: &KitReconciliation, form: Option<Form>) -> Page {
    let words = at.words();
    let mut known = vec![
        ("kit.place", place_in_words(words, &one.place)),
        ("reconcile.closing", words.yes_no(one.closing).to_owned()),
        ("kit.count", one.kits.len().to_string()),
        ("disposal.first", signed(at, &one.signed)),
    ];
    known.extend(one.confirmed.iter().map(|by| ("disposal.second", signed(at, by))));
    let open = one.confirmed.is_none().then(|| Part::Warning(words.say("reconcile.waits").to_owned()));
    let row = |kit: &KitNumber| {
        let is_explained = one.explained.contains(kit);
        vec![kit_cell(at, kit), Cell::text(words.yes_no(is_explained))]
    };
    let rows = one.kits.iter().map(row).collect();
    let page = Page::of_study(at, words.say("reconcile.one")).part(facts(words, known)).parts(open);
    let page = match form {
        Some(form) => page.form(form),
        None => page,
    };
    page.part(Part::table(Table::new(&at.visitor.here, "kits", "nav.kits", &KITS, rows)))
}

/// The second signature, while it is missing and the visitor may give it.
fn form(at: &Standing, one: &KitReconciliation) -> Option<Form> {
    (one.confirmed.is_none() && at.may(Action::ConfirmKitReconciliation)).then(|| confirmation(at))
}

fn confirmation(at: &Standing) -> Form {
    let words = at.words();
    let form = Form::of(&at.visitor, Vec::new(), words.say("reconcile.confirm"));
    Form { is_grave: true, ..form.signed(words.say("reconcile.second_meaning")) }
}
