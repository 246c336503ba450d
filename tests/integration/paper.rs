//! The way on paper: envelopes for a night with the service down, and a fallback that is a stratum of its own.

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, eligible, files};
use iwrs_tests::client::Expect;
use journal::{Export, Outcome};
use serde_json::{Value, json};
use trial::replay::{Given, replay};
use trial::study::StudyDesign;

use crate::record::count;

/// The name of an arm that would be markup if it were not written as text, in the files and on a page.
const AWKWARD: (&str, &str) = (r#"<script>\"1\" & 'MIU'"#, "&lt;script&gt;&quot;1&quot; &amp; &#39;MIU&#39;");

/// The address of the list in use.
fn list(app: &TestApp) -> String {
    let lists = app.person("statistician").get(&app.path("/lists")).expect(200);
    let lists = lists["lists"].as_array().expect("lists").iter();
    let active = lists.rev().find(|list| list["state"] == "active").expect("a list in use");
    app.path(&format!("/lists/{}", active["id"].as_str().expect("an id")))
}

/// What stands between two marks.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let from = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    from.split_once(after).unwrap_or_else(|| panic!("no {after} in {from}")).0
}

/// The pages of an answer.
fn pages(reply: &Reply) -> Vec<&str> {
    reply.body.split("<section>").skip(1).collect()
}

#[test]
fn unb_06_the_envelopes_say_what_the_positions_say_one_page_each() {
    let awkward = |text: String| Some(text.replace("aldesleukin 1 MIU\"", &format!("{}\"", AWKWARD.0)));
    let world =
        World { design: awkward(files().design), sealed_design: awkward(files().sealed), ..World::default() };
    let app = TestApp::in_world(world);
    let list = list(&app);
    let positions = app.person("reviewer").get(&format!("{list}/positions")).expect(200);
    let positions = positions["positions"].as_array().expect("positions");
    let printed = app.person("statistician").get(&format!("{list}/envelopes"));
    assert_eq!((printed.status, printed.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(printed.header("cache-control"), "no-store");
    assert!(printed.header("content-security-policy").starts_with("default-src 'none'"));
    let pages = pages(&printed);
    assert_eq!((pages.len(), positions.len()), (48, 48));
    for (page, position) in pages.iter().zip(positions) {
        assert_eq!(between(page, "Stratum: <strong>", "</strong>"), "all subjects");
        let place = between(page, "Position in the stratum: <strong>", "</strong>");
        assert_eq!(place, position["position"].to_string());
        let named = between(page, "Treatment: <strong>", "</strong>");
        let arm = position["arm"].as_str().expect("an arm");
        assert_eq!(named, if arm.starts_with('<') { AWKWARD.1 } else { arm });
        let (outside, inside) = page.split_once("class=\"inside\"").expect("a fold");
        assert!(!outside.contains(named) && !outside.contains("Dose"), "{outside}");
        assert!(inside.contains("Substance: ") && inside.contains("Dose: ") && inside.contains("5 days"));
    }
    assert!(pages.iter().any(|page| page.contains(AWKWARD.1)), "the awkward arm is among them");
    let hidden = ["<script", "http", "src=", "QUOLL", "NUMBAT", "BILBY", "LARIMAR", "SUGILITE", "KUNZITE"];
    for never in hidden {
        assert!(!printed.body.contains(never), "{never} stands on a page");
    }
}

#[test]
fn unb_06_an_envelope_for_a_french_site_is_in_french_beside_the_words_of_the_protocol() {
    let app = TestApp::imodals();
    let statistician = app.person("statistician");
    let address = format!("{}/envelopes", list(&app));
    let english = statistician.get(&address);
    let french = statistician.send("GET", &address, None, &[("Accept-Language", "fr")]);
    assert!(french.body.contains("<html lang=\"fr\">"), "{}", french.body);
    for (here, there) in pages(&english).iter().zip(pages(&french)) {
        let arm = between(here, "Treatment: <strong>", "</strong>");
        let said = between(there, "Traitement\u{a0}: <strong>", "</strong>");
        assert_eq!(said, arm.replace("aldesleukin", "aldesleukine").replace("MIU", "MUI"));
        assert!(there.contains(&format!("protocole\u{a0}: {arm}</p>")), "{there}");
        assert!(there.contains("par voie sous-cutanée") && !there.contains("subcutaneously"), "{there}");
        let (outside, _) = there.split_once("class=\"inside\"").expect("a fold");
        assert!(
            outside.contains("Strate\u{a0}: <strong>tous les participants") && !outside.contains(arm),
            "{outside}"
        );
    }
}

#[test]
fn bld_14_every_printing_is_a_leaf_and_only_of_the_list_in_use() {
    let app = TestApp::imodals();
    let active = list(&app);
    let statistician = app.person("statistician");
    statistician.get(&format!("{active}/envelopes")).expect(200);
    app.person("reviewer").get(&format!("{active}/envelopes")).expect(200);
    assert_eq!(count(&app, "envelopes_printed"), 2);
    let lists = app.path("/lists");
    let waiting = statistician.sign_and_post("generate_list", &lists, &json!({})).expect(201);
    let waiting = format!("{lists}/{}", waiting["list"]["id"].as_str().expect("an id"));
    assert_eq!(statistician.get(&format!("{waiting}/envelopes")).problem(409), "list-state");
    for login in ["investigator", "pharmacist", "monitor", "depot", "quality", "supply"] {
        assert_eq!(
            app.person(login).get(&format!("{active}/envelopes")).problem(403),
            "forbidden",
            "{login}"
        );
    }
    assert_eq!(count(&app, "envelopes_printed"), 2, "what is refused is not printed");
    assert_replays(&app, &files().design);
}

/// Nothing that the export tells is wrong.
fn assert_replays(app: &TestApp, design: &str) {
    let export = app.person("statistician").get(&app.path("/journal/export")).body;
    let export = Export::parse(&export).unwrap_or_else(|bad| panic!("{bad}"));
    let design = StudyDesign::from_toml(design).expect("a design");
    let checks = replay(&export, &Given { design: Some(design), ..Given::default() });
    let wrong: Vec<_> = checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn seq_15_a_manual_fallback_is_a_stratum_that_list_cap_and_verifier_know() {
    let design = files()
        .design
        .replace("strata = []", "strata = [{ factor = \"channel\", levels = [\"system\", \"fallback\"] }]")
        .replace(
            "[translations.fr]",
            "[translations.fr]\nchannel = \"voie\"\nsystem = \"système\"\nfallback = \"secours\"",
        )
        .replace("target = 36\ncap = 36", "target = 3\ncap = 3");
    let app = TestApp::in_world(World { design: Some(design.clone()), ..World::default() });
    let printed = app.person("reviewer").get(&format!("{}/envelopes", list(&app)));
    assert_eq!(pages(&printed).len(), 96, "48 positions in each of both strata");
    let table = [("S-1", "system", 0), ("S-2", "fallback", 0), ("S-3", "system", 1)];
    for (birth_year, (subject, channel, position)) in (1960..).zip(table) {
        let given = randomize(&app, subject, birth_year, channel).expect(201)["randomization"].clone();
        let placed = (&given["stratum"], &given["position"]);
        assert_eq!(placed, (&json!(format!("channel: {channel}")), &json!(position)), "{subject}");
    }
    for (birth_year, channel) in [(1970, "system"), (1971, "fallback")] {
        let refused = randomize(&app, &format!("S-{birth_year}"), birth_year, channel);
        assert_eq!(refused.problem(409), "cap-reached", "the cap counts both: {channel}");
    }
    assert_replays(&app, &design);
}

fn randomize(app: &TestApp, subject: &str, birth_year: u16, channel: &str) -> Reply {
    app.screen(subject, birth_year, "female");
    let mut body: Value = eligible();
    body["strata"] = json!({ "channel": channel });
    let path = app.path(&format!("/subjects/{subject}/randomization"));
    app.person("investigator").sign_and_post("randomize", &path, &body)
}
