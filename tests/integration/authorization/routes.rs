//! Every route with the right that it takes, and a body that is well formed.

use serde_json::{Value, json};
use trial::Action;

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever calls.
    Anybody,
    /// Whoever is logged in.
    LoggedIn,
    /// Whoever has the right in the installation.
    Installation(Action),
    /// Whoever has the right somewhere in the study: what is answered may be less for somebody of one site.
    Study(Action),
    /// Whoever has the right at the site that the thing is at.
    Site(Action),
    /// The same, by a name and a password within the body: whoever knows both need not be logged in.
    SiteByPassword(Action),
}

/// A route.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// Under `/api/v1`, with names in braces.
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    /// Null for a route that takes none.
    pub(crate) body: Value,
}

impl Route {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn action(&self) -> Option<Action> {
        match self.access {
            Access::Anybody | Access::LoggedIn => None,
            Access::Installation(action) | Access::Study(action) => Some(action),
            Access::Site(action) | Access::SiteByPassword(action) => Some(action),
        }
    }

    /// Whether it names something that may be there or not, besides the study.
    pub(crate) fn names_a_thing(&self) -> bool {
        let body = self.body.to_string();
        self.path.matches('{').count() > usize::from(self.path.contains("{study}"))
            || body.contains("34-001")
            || body.contains("S-00")
    }
}

/// The routes of the OpenAPI document.
pub(crate) fn documented() -> Vec<String> {
    let document = serde_json::to_value(web::document()).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let names = |(path, methods): (&String, &Value)| {
        let path = path.strip_prefix("/api/v1").expect("an address of this version").to_owned();
        let methods = methods.as_object().expect("methods");
        methods.keys().map(|method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(names).collect()
}

/// Every route, in the order in which the fixture survives all of them.
pub(crate) fn routes() -> Vec<Route> {
    let all = of_the_installation().into_iter().chain(of_a_study()).chain(of_kits());
    let all = all.chain(of_accountability()).chain(of_lists()).chain(of_batches());
    all.map(|(method, path, access, body)| Route { method, path, access, body }).collect()
}

type Row = (&'static str, &'static str, Access, Value);

#[rustfmt::skip]
fn of_the_installation() -> Vec<Row> {
    use Access::{Anybody, Installation, LoggedIn};
    use Action::*;
    let why = json!({ "reason": "for the test" });
    let grant = json!({ "role": "monitor", "study": "imodals", "reason": "for the test" });
    let person = json!({ "login": "new", "display_name": "New", "email": "new@test.invalid" });
    vec![
        // The bodies of the first five hold a password or a token: the fixture fills them in.
        ("POST",   "/session", Anybody, json!({ "login": "", "password": "" })),
        ("POST",   "/session/refresh", Anybody, json!({ "refresh_token": "" })),
        ("POST",   "/checkpoints", Anybody, json!({ "question": "" })),
        ("POST",   "/me/password", LoggedIn, json!({ "old_password": "", "new_password": "too short" })),
        ("POST",   "/signatures", LoggedIn, json!({
            "action": "randomize", "address": "/", "body_sha256": "0".repeat(64), "password": "" })),
        ("DELETE", "/session", LoggedIn, Value::Null),
        ("POST",   "/session/code", LoggedIn, json!({ "code": "" })),
        ("GET",    "/me", LoggedIn, Value::Null),
        ("POST",   "/me/second-factor", LoggedIn, json!({ "password": "" })),
        ("POST",   "/me/second-factor/confirmation", LoggedIn, json!({ "code": "" })),
        ("POST",   "/me/second-factor/recovery-codes", LoggedIn, json!({ "password": "" })),
        ("POST",   "/me/second-factor/removal", LoggedIn, json!({ "password": "" })),
        ("GET",    "/me/sessions", LoggedIn, Value::Null),
        ("POST",   "/me/sessions/end", LoggedIn, json!({})),
        ("POST",   "/users", Installation(InviteUser), person),
        ("GET",    "/users", Installation(ReadUsers), Value::Null),
        ("GET",    "/users/{user}/sessions", Installation(ReadUsers), Value::Null),
        ("POST",   "/users/{user}/sessions/end", Installation(ResetUser), json!({})),
        ("POST",   "/users/{user}/reset", Installation(ResetUser), json!({})),
        ("POST",   "/users/{user}/grants", Installation(GrantRole), grant),
        ("POST",   "/users/{user}/grants/{grant}/confirmation", Installation(GrantRole), json!({})),
        ("POST",   "/users/{user}/grants/{grant}/revocation", Installation(RevokeRole), why),
        ("GET",    "/studies", LoggedIn, Value::Null),
    ]
}

#[rustfmt::skip]
fn of_a_study() -> Vec<Row> {
    use Access::{Site, SiteByPassword, Study};
    use Action::*;
    let why = || json!({ "reason": "for the test" });
    let entry = json!({ "screening_number": "S-004", "site": "34-001", "birth_year": 1970, "sex": "male" });
    let hold = json!({ "on": "dispensing", "site": "34-001", "reason": "for the test" });
    let unblinding = json!({ "screening_number": "S-001", "reason": "overdose" });
    let emergency = json!({ "login": "", "password": "", "screening_number": "S-001", "reason": "overdose" });
    let eligible = iwrs_tests::app::eligible();
    let visit = json!({ "visit": "SCR", "date": "2015-10-01" });
    let (dispense, scan) = (json!({ "visit": "D1" }), json!({ "kit_number": "1" }));
    let replace = json!({ "kit_number": "1", "reason": "lost" });
    let (criteria, note) = (json!({ "criteria": [] }), json!({ "text": "seen" }));
    let withdrawal = json!({ "stops": "drug", "reason": "withdrew" });
    let give = json!({ "unit": "1" });
    let prepare = json!({ "kit_number": "1", "preparation": "reconstituted", "units": 1 });
    vec![
        ("GET",    "/studies/{study}", Study(ReadStudy), Value::Null),
        ("POST",   "/studies/{study}/holds", Site(PlaceHold), hold),
        ("GET",    "/studies/{study}/holds", Study(ReadStudy), Value::Null),
        ("POST",   "/studies/{study}/holds/{hold}/release", Site(ReleaseHold), why()),
        ("POST",   "/studies/{study}/subjects", Site(ScreenSubject), entry),
        ("GET",    "/studies/{study}/subjects", Study(ReadSubjects), Value::Null),
        ("GET",    "/studies/{study}/subjects/{subject}", Site(ReadSubjects), Value::Null),
        ("POST",   "/studies/{study}/subjects/{subject}/screen-failure", Site(FailScreening), criteria),
        ("POST",   "/studies/{study}/subjects/{subject}/visits", Site(RecordVisit), visit),
        ("POST",   "/studies/{study}/subjects/{subject}/randomization", Site(Randomize), eligible),
        ("POST",   "/studies/{study}/subjects/{subject}/dispensations", Site(Dispense), dispense),
        ("GET",    "/studies/{study}/subjects/{subject}/dispensations", Site(ReadDispensations), Value::Null),
        ("POST",   "/studies/{study}/dispensations/{id}/check", Site(ConfirmHandover), scan.clone()),
        ("POST",   "/studies/{study}/dispensations/{id}/confirmation", Site(ConfirmHandover), scan),
        ("POST",   "/studies/{study}/dispensations/{id}/replacements", Site(ReplaceKit), replace),
        ("GET",    "/studies/{study}/subjects/{subject}/units", Site(ReadDispensations), Value::Null),
        ("POST",   "/studies/{study}/subjects/{subject}/units", Site(PrepareUnits), prepare),
        ("POST",   "/studies/{study}/subjects/{subject}/administrations", Site(GiveUnit), give),
        ("POST",   "/studies/{study}/subjects/{subject}/units/{unit}/disposal", Site(DiscardUnit), why()),
        ("POST",   "/studies/{study}/subjects/{subject}/withdrawal", Site(WithdrawSubject), withdrawal),
        ("POST",   "/studies/{study}/unblindings", Site(Unblind), unblinding),
        // The body holds a password, too.
        ("POST",   "/studies/{study}/emergency-unblindings", SiteByPassword(Unblind), emergency),
        ("GET",    "/studies/{study}/unblindings", Study(ReadSubjects), Value::Null),
        ("POST",   "/studies/{study}/unblindings/{unblinding}/notes", Site(NoteUnblinding), note),
    ]
}

/// Kits from their registration on.
#[rustfmt::skip]
fn of_kits() -> Vec<Row> {
    use Access::{Site, Study};
    use Action::*;
    let batch = json!({ "batch": "B-2", "label_expiry": "2030-12-31", "contents": [
        { "kit_type": "none of ours", "kits": 1, "lot": "L", "expiry": "2030-12-31" } ] });
    let receipt = json!({ "site": "34-001", "received": [], "missing": [], "damaged": [] });
    let country = || json!({ "country": "FR" });
    let shipment = json!({ "to_site": "34-001", "groups": 1 });
    let given_up = json!({ "reason": "" });
    let (packed, unpacked) = (json!({ "kits": [] }), json!({ "received": [], "excursion": false }));
    let aside = json!({ "site": "34-001", "cause": "complaint" });
    let decision = json!({
        "site": "34-001", "disposition": "release", "evidence_sha256": "0".repeat(64), "reason": "seen" });
    let incident = json!({ "incident": "found", "reason": "seen" });
    vec![
        ("GET",    "/studies/{study}/kits", Study(ReadKits), Value::Null),
        ("GET",    "/studies/{study}/kits/{number}", Site(ReadKits), Value::Null),
        ("POST",   "/studies/{study}/kits", Study(RegisterKits), batch),
        ("GET",    "/studies/{study}/batches", Study(ReadKits), Value::Null),
        ("POST",   "/studies/{study}/batches/{batch}/certification", Study(CertifyBatch), country()),
        ("POST",   "/studies/{study}/batches/{batch}/release", Study(ReleaseBatch), country()),
        ("POST",   "/studies/{study}/batches/{batch}/receipts", Site(ReceiveKits), receipt),
        ("POST",   "/studies/{study}/resupply-plans", Study(PlanResupply), json!({ "site": "34-001" })),
        ("GET",    "/studies/{study}/resupply-plans", Study(ReadShipments), Value::Null),
        ("POST",   "/studies/{study}/shipments", Study(RequestShipment), shipment),
        ("GET",    "/studies/{study}/shipments", Study(ReadShipments), Value::Null),
        ("GET",    "/studies/{study}/shipments/{shipment}", Site(ReadShipments), Value::Null),
        ("GET",    "/studies/{study}/shipments/{shipment}/label", Site(ReadShipments), Value::Null),
        ("POST",   "/studies/{study}/shipments/{shipment}/dispatch", Study(DispatchShipment), packed),
        ("POST",   "/studies/{study}/shipments/{shipment}/cancellation", Study(DispatchShipment), given_up),
        ("POST",   "/studies/{study}/shipments/{shipment}/receipt", Site(ReceiveShipment), unpacked),
        ("POST",   "/studies/{study}/quarantines", Site(ReportIncident), aside),
        ("POST",   "/studies/{study}/quarantine-decisions", Study(DecideQuarantine), decision),
        ("POST",   "/studies/{study}/kits/{number}/incidents", Site(ReportIncident), incident),
    ]
}

/// What came back, and the end of kits.
#[rustfmt::skip]
fn of_accountability() -> Vec<Row> {
    use Access::{Site, Study};
    use Action::*;
    let at_site = || json!({ "site": "34-001" });
    let destroyed = json!({ "site": "34-001", "kits": [] });
    let certified = json!({ "certificate_sha256": "0".repeat(64) });
    let count = json!({ "used": 5, "unused": 0, "missing": 0 });
    vec![
        ("GET",    "/studies/{study}/alerts", Study(ReadAlerts), Value::Null),
        // Who is not the owner of the alert is told so after being let in.
        ("POST",   "/studies/{study}/alerts/{alert}/acknowledgement", Site(AcknowledgeAlert), json!({})),
        ("POST",   "/studies/{study}/kits/{number}/return", Site(ReturnKit), count),
        ("GET",    "/studies/{study}/subjects/{subject}/accountability",
            Site(ReadAccountability), Value::Null),
        ("GET",    "/studies/{study}/kits/{number}/accountability", Site(ReadAccountability), Value::Null),
        ("GET",    "/studies/{study}/accountability", Study(ReadAccountability), Value::Null),
        ("POST",   "/studies/{study}/kit-reconciliations", Site(SignKitReconciliation), at_site()),
        ("GET",    "/studies/{study}/kit-reconciliations", Study(ReadDisposals), Value::Null),
        ("POST",   "/studies/{study}/kit-reconciliations/{reconciliation}/confirmation",
            Study(ConfirmKitReconciliation), json!({})),
        ("POST",   "/studies/{study}/destructions", Site(ProposeDestruction), destroyed),
        ("GET",    "/studies/{study}/destructions", Study(ReadDisposals), Value::Null),
        ("POST",   "/studies/{study}/destructions/{destruction}/authorization",
            Study(AuthorizeDestruction), certified),
    ]
}

/// Lists, and what can be read of all.
#[rustfmt::skip]
fn of_lists() -> Vec<Row> {
    use Access::Study;
    use Action::*;
    let why = || json!({ "reason": "for the test" });
    vec![
        ("POST",   "/studies/{study}/lists", Study(GenerateList), json!({})),
        ("GET",    "/studies/{study}/lists", Study(ReadList), Value::Null),
        ("GET",    "/studies/{study}/lists/{list}", Study(ReadList), Value::Null),
        ("POST",   "/studies/{study}/lists/{list}/approval", Study(ApproveList), json!({})),
        ("POST",   "/studies/{study}/lists/{list}/activation", Study(ActivateList), json!({})),
        ("POST",   "/studies/{study}/lists/{list}/discard", Study(DiscardList), why()),
        ("GET",    "/studies/{study}/lists/{list}/positions", Study(ReadPositions), Value::Null),
        ("GET",    "/studies/{study}/lists/{list}/envelopes", Study(PrintEnvelopes), Value::Null),
        ("GET",    "/studies/{study}/reconciliation", Study(ReadReconciliation), Value::Null),
        ("GET",    "/studies/{study}/stock-by-type", Study(ReadStockByType), Value::Null),
        ("GET",    "/studies/{study}/journal", Study(ReadJournal), Value::Null),
        ("GET",    "/studies/{study}/journal/checkpoint", Study(ReadJournal), Value::Null),
        ("GET",    "/studies/{study}/journal/export", Study(ReadJournal), Value::Null),
        ("POST",   "/studies/{study}/redactions", Study(ProposeRedaction),
            json!({ "leaf": 0, "why": "identifies_staff" })),
        ("GET",    "/studies/{study}/redactions", Study(ReadRedactions), Value::Null),
        ("POST",   "/studies/{study}/redactions/{redaction}/confirmation", Study(ConfirmRedaction), json!({})),
    ]
}

/// What is done to a whole batch. A recall comes last: it takes every kit off the shelf.
#[rustfmt::skip]
fn of_batches() -> Vec<Row> {
    use Access::Study;
    use Action::*;
    let evidence = "0".repeat(64);
    let shorten = json!({ "label_expiry": "2030-06-30", "evidence_sha256": evidence, "reason": "" });
    let extend = json!({ "label_expiry": "2040-06-30", "reason": "for the test" });
    let confirmed = json!({ "evidence_sha256": evidence });
    let recall = json!({ "evidence_sha256": evidence, "reason": "for the test" });
    let of_lot = json!({
        "statement": "unread", "statement_sha256": evidence, "why": "complaint", "reason": "for the test" });
    let list = json!({
        "recipient": "a packager",
        "recipient_key": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p" });
    vec![
        ("POST",   "/studies/{study}/batches/{batch}/packaging-lists", Study(ExportPackagingList), list),
        ("POST",   "/studies/{study}/batches/{batch}/packings", Study(RecordPacking), json!({ "packed": "" })),
        ("GET",    "/studies/{study}/batches/{batch}/packings", Study(ReadPacking), Value::Null),
        ("POST",   "/studies/{study}/batches/{batch}/sample-checks", Study(CheckSample),
            json!({ "found": [] })),
        ("POST",   "/studies/{study}/batches/{batch}/expiry-shortening", Study(ShortenExpiry), shorten),
        ("POST",   "/studies/{study}/batches/{batch}/expiry-extensions", Study(ProposeExtension), extend),
        ("POST",   "/studies/{study}/batches/{batch}/expiry-extensions/{extension}/confirmation",
            Study(ConfirmExtension), confirmed),
        ("GET",    "/studies/{study}/batches/{batch}/expiry-changes", Study(ReadKits), Value::Null),
        ("POST",   "/studies/{study}/batches/{batch}/labels", Study(PrintLabels), json!({ "language": "en" })),
        ("POST",   "/studies/{study}/batches/{batch}/lot-statements", Study(ReadLotStatement),
            json!({ "lot": "none of ours" })),
        ("POST",   "/studies/{study}/batches/{batch}/lot-recalls", Study(RecallLot), of_lot),
        ("GET",    "/studies/{study}/batches/{batch}/lot-recalls", Study(ReadRecall), Value::Null),
        ("POST",   "/studies/{study}/batches/{batch}/recall", Study(RecallBatch), recall),
        ("GET",    "/studies/{study}/batches/{batch}/recall", Study(ReadRecall), Value::Null),
    ]
}
