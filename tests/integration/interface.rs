//! The description of the interface: the OpenAPI document, the page that shows it without a network, and docs/API.md.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use iwrs_tests::app::TestApp;
use serde_json::Value;
use trial::Refusal;
use web::Problem;

use crate::authorization::routes::documented;

/// The page for people who write clients.
const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/API.md"));

fn document() -> Value {
    serde_json::to_value(web::document()).expect("a document")
}

/// Every operation with its name.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, methods): (&String, &Value)| {
        let path = path.clone();
        let methods = methods.as_object().expect("methods").keys().cloned();
        methods.map(move |method| (path.clone(), method)).collect::<Vec<_>>()
    };
    let names = paths.iter().flat_map(of_path);
    names.map(|(path, method)| (format!("{method} {path}"), &document["paths"][&path][&method])).collect()
}

fn words<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[test]
fn every_operation_is_described_with_all_its_answers() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(ids.insert(words(operation, "operationId")), "{name}: another has the same id");
        assert!(!words(operation, "operationId").is_empty(), "{name} has no id");
        assert!(words(operation, "summary").len() > 5, "{name} is not described");
        assert!(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{name} has no tag");
        let emergency = "post /api/v1/studies/{study}/emergency-unblindings";
        let of_nobody = ["post /api/v1/session", "post /api/v1/session/refresh", "post /api/v1/checkpoints"];
        let open = [of_nobody.as_slice(), &[emergency]].concat();
        let is_open = open.contains(&name.as_str());
        assert_eq!(operation["security"].is_array(), !is_open, "{name}");
        assert!(!name.starts_with("post") || operation["requestBody"].is_object(), "{name} names no body");
        assert_answers(&name, operation);
        assert_names(&name, operation);
    }
    assert!(ids.len() > 40, "{} operations", ids.len());
}

/// Every answer has a description; refusals are problems; and there is one that is none.
fn assert_answers(name: &str, operation: &Value) {
    let answers = operation["responses"].as_object().expect("answers");
    assert!(answers.keys().any(|status| status.starts_with('2')), "{name}: {answers:?}");
    for status in ["4XX", "500", "503"] {
        assert!(answers.contains_key(status), "{name} says nothing of {status}: {answers:?}");
    }
    for (status, answer) in answers {
        assert!(words(answer, "description").len() >= 5, "{name}: {status} is not described");
        if !status.starts_with('2') {
            let problem = &answer["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{name}: {status}");
        }
    }
}

/// Every name in the address is a parameter, and every parameter in the path a name.
fn assert_names(name: &str, operation: &Value) {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
    assert_eq!(in_path, name.matches('{').count(), "{name}: {parameters:?}");
}

#[test]
fn every_reference_resolves_and_no_schema_is_left_over() {
    let document = document();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 40, "{references:?}");
    for reference in &references {
        let pointer = reference.strip_prefix('#').expect("a reference into the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let named = schemas.keys().map(|name| format!("#/components/schemas/{name}"));
    assert_eq!(named.collect::<BTreeSet<_>>(), references);
}

/// Two types under one name would be one in the document: that of whichever comes last.
#[test]
fn no_two_schemas_have_one_name() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/web/src/api");
    let (mut names, mut twice) = (BTreeSet::new(), Vec::new());
    for file in files_under(folder.as_ref()) {
        let text = std::fs::read_to_string(&file).expect("a file of the interface");
        for rest in text.split("ToSchema)]").skip(1) {
            let (attributes, item) = rest.split_once("struct ").unwrap_or((rest, ""));
            let chosen = attributes.split_once("#[schema(as = ").map_or(item, |(_, name)| name);
            let name: String = chosen.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            assert!(!name.is_empty(), "{}: {rest}", file.display());
            if !names.insert(name.clone()) {
                twice.push(name);
            }
        }
    }
    assert!(names.len() > 40 && names.contains("ConfirmGrant"), "{names:?}");
    assert!(twice.is_empty(), "{twice:?}; give one of them another name in the document");
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of the interface");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| collect(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

/// The status and the body of an address of the server.
fn fetch(app: &TestApp, path: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.get(format!("{}{path}", app.base())).call().expect("an answer");
    let bytes = answer.body_mut().read_to_vec().expect("a body");
    (answer.status().as_u16(), String::from_utf8_lossy(&bytes).into_owned())
}

/// What stands between quotes after `attribute=`.
fn attributes<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let starts = page.split(attribute).skip(1);
    starts.filter_map(|rest| rest.strip_prefix("=\"")?.split('"').next()).collect()
}

#[test]
fn the_page_that_shows_the_document_needs_no_network() {
    let app = TestApp::imodals();
    let (status, page) = fetch(&app, "/docs/");
    assert_eq!(status, 200);
    let mut files = attributes(&page, "src");
    files.extend(attributes(&page, " href"));
    assert!(files.len() >= 4, "{page}");
    for file in &files {
        assert!(!file.contains("//"), "{file} is fetched from elsewhere");
        let (status, text) = fetch(&app, &format!("/docs/{}", file.trim_start_matches("./")));
        assert!(status == 200 && !text.is_empty(), "{file} is not served");
    }
    let (_, start) = fetch(&app, "/docs/swagger-initializer.js");
    let start = start.replace("url: ", "url=").replace("\"url\": ", "url=");
    let address = attributes(&start, "url");
    let [address] = address[..] else { panic!("one document: {start}") };
    let (status, served) = fetch(&app, address);
    assert_eq!(status, 200, "{address}");
    assert_eq!(serde_json::from_str::<Value>(&served).expect("JSON"), document());
}

#[test]
fn every_route_stands_in_the_page_for_clients_and_no_other() {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let methods = ["GET ", "POST ", "DELETE "];
    let named = rows.filter(|name| methods.iter().any(|method| name.starts_with(method)));
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    assert_eq!(named, documented().into_iter().collect(), "left: docs/API.md, right: the document");
}

#[test]
fn every_problem_stands_in_the_page_for_clients() {
    let table = problems();
    assert!(PAGE.contains(&table), "docs/API.md should hold this table:\n{table}");
    let codes: BTreeSet<&str> = Refusal::each().map(|refusal| refusal.code()).collect();
    assert_eq!(codes.len(), Refusal::each().count(), "two refusals have one code");
}

/// The table of all refusals, with something in the fields of those that have some.
fn problems() -> String {
    let mut table = String::from("| type | status | detail |\n|---|---|---|\n");
    for refusal in Refusal::each() {
        let problem = Problem::of(&example(refusal));
        let code = problem.kind.trim_start_matches("urn:iwrs:problem:").to_owned();
        table.push_str(&format!("| `{code}` | {} | {} |\n", problem.status, problem.detail));
    }
    table
}

fn example(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::TooManyAttempts(_) => Refusal::TooManyAttempts(8),
        Refusal::WrongCode(_) => Refusal::WrongCode("10:32:05 UTC".to_owned()),
        Refusal::Field(..) => Refusal::field("birth_year", "is no year of birth of a living person"),
        Refusal::SubjectState(_) => Refusal::SubjectState("off the drug"),
        Refusal::OnHold(_) => Refusal::OnHold("randomization"),
        Refusal::NotEligible(_) => Refusal::NotEligible(vec!["I1".to_owned(), "E3".to_owned()]),
        Refusal::TooSoon(_) => Refusal::TooSoon("2015-11-02".to_owned()),
        Refusal::BatchState(_) => Refusal::BatchState("not released"),
        Refusal::LabelIncomplete(_) => Refusal::LabelIncomplete(vec!["storage conditions"]),
        Refusal::KitState(_) => Refusal::KitState("7955171567".to_owned()),
        Refusal::KitExpired(_) => Refusal::KitExpired("7955171567".to_owned()),
        Refusal::UnitExpired(_) => Refusal::UnitExpired("7955171567-1".to_owned()),
        Refusal::UnitState(..) => Refusal::UnitState("7955171567-1".to_owned(), "given"),
        Refusal::ShipmentState(_) => Refusal::ShipmentState("received"),
        Refusal::NotOrderDay(_) => Refusal::NotOrderDay("monday".to_owned()),
        Refusal::KitsUnexplained(_) => Refusal::KitsUnexplained(vec!["7955171567".to_owned()]),
        Refusal::KitsChanged(_) => Refusal::KitsChanged(vec!["7955171567".to_owned()]),
        Refusal::ListState(_) => Refusal::ListState("discarded"),
        Refusal::NotAlertOwner(_) => Refusal::NotAlertOwner("depot"),
        Refusal::Exists(_) => Refusal::Exists("batch"),
        refusal => refusal,
    }
}
