//! `GET, POST /studies/{study}/shipments/{shipment}`: a shipment, and its receipt: by scanning its kits, by
//! counting them or kit by kit.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::Shared;
use service::shipments::{read, receive};
use terms::{KitNumber, ShipmentId};
use trial::{Action, Role};

use super::kits::place;
use super::shipments::state;
use super::unpacking::{self, Unpacked};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::shipments::Receive;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::pharmacy::kit_cell;
use crate::pages::refusals::sentence;
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

const UNPACKED: [&str; 2] = ["kit.number", "receipt.how"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, shipment) = load(&service, &path, visitor).await?;
    let form = form(&at, &shipment);
    let page = page(&at, &shipment);
    match form {
        Some(form) => page.form(form).answer(),
        None => page.answer(),
    }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, shipment) = load(&service, &path, sent.visitor.clone()).await?;
    let (open, kits, page) = (form(&at, &shipment), &shipment.kits, |form| page(&at, &shipment).form(form));
    // Of what another tab has recorded in the meantime, the same again is answered, and nothing else is done.
    if open.is_none() && (sent.is_resumed() || !sent.is_confirmed()) {
        return not_received(&at, &shipment, at.words().say("receipt.is_over"), StatusCode::CONFLICT);
    }
    let is_open = open.is_some();
    let form = sent.fill(open.unwrap_or_else(|| fields(&at, &shipment)));
    if sent.is_resumed() {
        return page(form).answer();
    }
    let unpacked = match unpacking::unpacked(at.words(), &form, kits) {
        Ok(unpacked) => unpacked,
        Err(wrong) => {
            let form = unpacking::put_right(at.words(), form, &wrong);
            return page(form).with(StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let (body, id) = (unpacking::in_lists(&unpacked.form, kits), shipment.id.clone());
    if !sent.is_confirmed() {
        return match body.read::<Receive>().and_then(|body| Ok(body.into_command(id)?)) {
            Ok(_receipt) => page(once_more(&at, &unpacked, kits, form)).answer(),
            Err(problem) => sent.refused(page, form, &problem),
        };
    }
    let ordered =
        Ordered::at(&at, Action::ReceiveShipment, format_args!("/shipments/{}/receipt", shipment.id));
    let done = sent.act(&service, &body, &ordered, |service, envelope, body: Receive| {
        receive::receive(service, envelope, body.into_command(id)?)
    });
    match done.await {
        Ok(_) => go_on_having(&at.address(format_args!("/shipments/{}", shipment.id)), "received"),
        Err(problem) if !is_open && problem.status().is_client_error() => {
            not_received(&at, &shipment, &sentence(at.words(), &problem), problem.status())
        }
        Err(problem) => sent.refused(page, form, &problem),
    }
}

/// The shipment as it stands, and that what was sent about it was not stored.
fn not_received(at: &Standing, shipment: &read::Shipment, why: &str, status: StatusCode) -> Answer {
    let told = format!("{why} {}", at.words().say("receipt.not_stored"));
    page(at, shipment).part(Part::Warning(told)).text(at.visitor.here.request()).with(status)
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, read::Shipment), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let id: ShipmentId = named(&path.1)?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let shipment = run(move || read::shipment(&shared, &caller, &study, &id)).await?;
    Ok((at, shipment))
}

fn page(at: &Standing, shipment: &read::Shipment) -> Page {
    let (words, zone) = (at.words(), at.zone());
    let (word, _) = state(shipment);
    let mut facts = vec![
        ("shipment.state", words.say(word).to_owned()),
        ("shipment.from", place(words, &shipment.from)),
        ("shipment.to", place(words, &shipment.to)),
        ("shipment.picked_at", face::time(shipment.picked.1, zone)),
    ];
    if let Some((by, when)) = &shipment.dispatched {
        facts.push(("shipment.dispatched", format!("{} ({by})", face::time(*when, zone))));
    }
    facts.push(("kit.count", shipment.kits.len().to_string()));
    if let Some(received) = &shipment.received {
        let (by, when) = &received.recorded;
        facts.push(("receipt.recorded", format!("{} ({by})", face::time(*when, zone))));
        facts.extend(received.temperature_record.map(|hash| ("receipt.record", hash.to_string())));
    }
    let facts = facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).collect();
    Page::of_study(at, words.fill("shipment.title", &[("id", &shipment.id)]))
        .part(Part::Facts(facts))
        .parts(shipment.received.iter().flat_map(|received| problems(at, received)))
        .part(Part::Links(ways(at, shipment)))
        .parts(shipment.received.as_ref().map(|received| unpacked(at, received)))
}

/// What else can be done, as far as the visitor may.
fn ways(at: &Standing, shipment: &read::Shipment) -> Vec<Link> {
    let words = at.words();
    let to = |rest: &str| at.address(format_args!("/shipments/{}{rest}", shipment.id));
    let is_picked = shipment.dispatched.is_none() && shipment.cancelled.is_none();
    let mut ways = Vec::new();
    if is_picked && at.may(Action::DispatchShipment) {
        ways.push(Link::new(words.say("dispatch.title"), to("/dispatch")).main());
        ways.push(Link::new(words.say("give_up.title"), to("/cancellation")));
    }
    if shipment.received.is_some() && at.may(Action::DecideQuarantine) {
        let way = at.address(format_args!("/supply/quarantine/decision?shipment={}", shipment.id));
        ways.push(Link::new(words.say("quarantine.decisions"), way));
    }
    if shipment.cancelled.is_none() {
        ways.push(Link::new(words.say("shipment.label"), to("/label")).file());
    }
    ways
}

/// What was wrong with a receipt, and what is to be done about it.
fn problems(at: &Standing, received: &read::Received) -> Vec<Part> {
    let troubles = [
        (!received.missing.is_empty(), "receipt.some_missing"),
        (!received.damaged.is_empty(), "receipt.some_damaged"),
        (received.excursion, "receipt.was_excursion"),
    ];
    let told = troubles.into_iter().filter(|(is, _)| *is);
    told.map(|(_, word)| Part::Warning(at.words().say(word).to_owned())).collect()
}

/// What came out of the box, kit by kit: what did not come as it should stands first.
fn unpacked(at: &Standing, received: &read::Received) -> Part {
    let lists = [
        (&received.missing, "receipt.missing", "bad"),
        (&received.damaged, "receipt.damaged", "bad"),
        (&received.received, "receipt.received", "good"),
    ];
    let row =
        |kit: &KitNumber, word, kind| vec![kit_cell(at, kit), Cell::text(at.words().say(word)).badge(kind)];
    let rows =
        lists.into_iter().flat_map(|(kits, word, kind)| kits.iter().map(move |kit| row(kit, word, kind)));
    Part::table(Table::new(&at.visitor.here, "kits", "receipt.unpacked", &UNPACKED, rows.collect()))
}

/// The receipt, while the shipment is on its way and the visitor may receive it.
fn form(at: &Standing, shipment: &read::Shipment) -> Option<Form> {
    let is_on_its_way = shipment.dispatched.is_some() && shipment.received.is_none();
    // A depot receives what comes to a depot, a pharmacist what comes to the site.
    let receives = |role: Role| at.desk.roles.iter().any(|held| held.role == role);
    let is_here = receives(if shipment.to.site().is_some() { Role::Pharmacist } else { Role::Depot });
    (is_on_its_way && is_here && at.may(Action::ReceiveShipment)).then(|| fields(at, shipment))
}

fn fields(at: &Standing, shipment: &read::Shipment) -> Form {
    let words = at.words();
    let excursion = Field::new("excursion", words.say("receipt.excursion"), Kind::Check).optional();
    let record = Field::new("temperature_record_sha256", words.say("receipt.record"), Kind::Hash);
    let record = record.hint(words.say("form.hash_hint")).optional();
    let mut fields = unpacking::fields(words, &shipment.kits);
    fields.extend([excursion.hint(words.say("receipt.excursion_hint")), record]);
    Form::of(&at.visitor, fields, words.say("receipt.check"))
}

/// What will be recorded, read once more: a receipt is not taken back.
fn once_more(at: &Standing, unpacked: &Unpacked, kits: &[KitNumber], form: Form) -> Form {
    let words = at.words();
    let summary = unpacking::summary(words, unpacked, kits);
    let rest = form.fields.iter().filter(|field| unpacking::is_of_the_receipt(field));
    let rest = rest.map(|field| (field.label.clone(), field.shown(words)));
    let facts = summary.into_iter().chain(rest).collect();
    let form = form.into_confirmation(words);
    Form { facts, submit: words.say("receipt.button").to_owned(), ..form }
}
