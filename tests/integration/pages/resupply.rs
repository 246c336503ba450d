//! The page on which it is planned what sites are sent: for one site, and for all sites of an order day.

use std::collections::BTreeSet;

use iwrs_tests::browser::hidden;
use iwrs_tests::client::Expect;

use super::browser;
use super::supply::{is_at, under};
use crate::record::count;
use crate::shipments::Supplied;

#[test]
fn kit_14_a_resupply_plan_is_made_once_and_says_why_in_words() {
    let mut s = Supplied::new();
    let mut depot = browser(&s.app, "depot");
    let planned = depot.fill(&under("/supply/resupply"), &[("site", "34-001")]);
    let at = planned.header("location").to_owned();
    assert_eq!(at, under("/supply/resupply/34-001/2015-10-05?done=planned"), "{}", planned.body);
    let again = depot.fill(&under("/supply/resupply"), &[("site", "34-001")]);
    assert_eq!((again.header("location"), count(&s.app, "resupply_planned")), (at.as_str(), 1));
    let told = s.person("depot").get(&s.app.path("/resupply-plans")).expect(200);
    let plan = &told["resupply_plans"][0];
    for who in ["depot", "quality", "supply", "pharmacist"] {
        let page = browser(&s.app, who).get(&at);
        let is_told = who != "supply";
        for reason in plan["reasons"].as_array().expect("reasons") {
            let reason = reason.as_str().expect("a sentence");
            let shown = iwrs_tests::browser::unescaped(&page.body);
            assert_eq!(shown.contains(reason), is_told, "{who}: {reason}");
        }
    }
    let mut french = browser(&s.app, "quality");
    french.headers.push(("Accept-Language".to_owned(), "fr".to_owned()));
    let shown = iwrs_tests::browser::unescaped(&french.get(&at).body);
    for reason in plan["reasons"].as_array().expect("reasons") {
        assert!(!shown.contains(reason.as_str().expect("a sentence")), "in English: {reason}");
    }
    assert!(shown.contains("tous types confondus."), "{shown}");
    assert!(!browser(&s.app, "supply").get(&under("/supply/resupply")).body.contains("class=\"act"));
    s.set_clock("2015-10-06T08:00:00Z", &["depot"]);
    let tuesday = browser(&s.app, "depot").fill(&under("/supply/resupply"), &[("site", "34-001")]);
    assert_eq!((tuesday.status, count(&s.app, "resupply_planned")), (409, 1), "{}", tuesday.body);
}

/// The form by which all sites of the day are planned.
fn form_of_all(page: &str) -> Option<String> {
    let action = format!("action=\"{}\"", under("/supply/resupply/all"));
    let form = page.split("<form method=\"post\"").find(|form| form.contains(&action))?;
    Some(format!("<form method=\"post\"{form}"))
}

#[test]
fn kit_14_all_sites_of_a_day_are_planned_by_one_form_some_at_a_time() {
    let s = Supplied::new();
    let sites: Vec<String> = (34..48).map(|at| format!("{at}-001")).collect();
    sites.iter().skip(1).for_each(|site| s.app.add_site(site));
    let (mut depot, all) = (browser(&s.app, "depot"), under("/supply/resupply/all"));
    assert_eq!(depot.get(&all).header("location"), under("/supply/resupply"));
    let page = depot.get(&under("/supply/resupply"));
    let when = "The depot plans each site on its order day, every Monday.";
    assert!(
        page.body.contains(when)
            && browser(&s.app, "supply").get(&under("/supply/resupply")).body.contains(when)
    );
    let form = form_of_all(&page.body).expect("the form of all sites");
    assert!(sites.iter().all(|site| form.contains(&format!("value=\"{site}\" checked"))), "{form}");
    let sent = |sites: &[String]| {
        let mut sent = hidden(&form);
        sent.extend(sites.iter().map(|site| ("sites".to_owned(), site.clone())));
        sent
    };
    let none = depot.post(&all, &sent(&[]));
    assert!(none.status == 422 && is_at(&none, "sites"), "{}", none.body);
    let made_by_hand = [sent(&[]), vec![("of".to_owned(), "5".to_owned())]].concat();
    assert_eq!(depot.post(&all, &made_by_hand).status, 422, "none of five sites is none");
    let chosen = [&sites[..2], &["NOWHERE".to_owned(), sites[0].clone()], &sites[2..]].concat();
    let first = depot.post(&all, &sent(&chosen));
    assert!(first.status == 200 && first.body.contains("data-goes-on=\"1000\""), "{}", first.body);
    assert!(
        first.body.contains("of 15 sites handled"),
        "whoever was named twice counts once: {}",
        first.body
    );
    let receipts =
        || s.app.database.values("SELECT outcome AS value FROM receipt WHERE action = 'plan_resupply'");
    let so_far = receipts().expect("receipts");
    assert!(!so_far.is_empty() && so_far.len() <= 10, "{so_far:?}");
    // Sent again as it was, by a reload or out of another tab, it asks for the same under the same keys.
    let again = depot.post(&all, &sent(&chosen));
    assert_eq!((again.status, count(&s.app, "resupply_planned")), (200, so_far.len()));
    assert_eq!(receipts().expect("receipts"), so_far);
    let turned: Vec<String> = chosen.iter().rev().cloned().collect();
    assert_eq!(depot.post(&all, &sent(&turned)).status, 422, "a key is good for one site");
    let mut page = first;
    while page.body.contains("data-goes-on") {
        page = depot.submit(&page, &all, &[]);
    }
    assert!(page.body.contains("NOWHERE was not planned. There is no such site or depot."), "{}", page.body);
    let planned = s.person("monitor").get(&s.app.path("/resupply-plans")).expect(200);
    let planned = planned["resupply_plans"].as_array().expect("plans").iter();
    let planned: BTreeSet<&str> = planned.map(|plan| plan["site"].as_str().expect("a site")).collect();
    // The stock does not reach for all of them: each site is planned, or the page tells why it is not.
    for site in &sites {
        let is_told = page.body.contains(&format!("{site} was not planned. The stock does not hold"));
        assert!(planned.contains(site.as_str()) != is_told, "{site}: {}", page.body);
    }
    assert!(planned.len() > 1 && planned.len() == count(&s.app, "resupply_planned"), "{planned:?}");
    assert_eq!(browser(&s.app, "monitor").post(&all, &[]).status, 403);
}

#[test]
fn kit_14_of_many_sites_each_that_cannot_be_sent_anything_is_told_with_why_not() {
    let s = Supplied::new();
    for site in ["44-001", "59-001"] {
        s.app.add_site(site);
    }
    let (mut depot, all) = (browser(&s.app, "depot"), under("/supply/resupply/all"));
    let form = form_of_all(&depot.get(&under("/supply/resupply")).body).expect("the form of all sites");
    let mut sent = hidden(&form);
    sent.extend(["44-001", "59-001"].map(|site| ("sites".to_owned(), site.to_owned())));
    sent.push(("from_depot".to_owned(), "NIMES".to_owned()));
    let told = depot.post(&all, &sent);
    // In the depot lies nothing yet.
    for site in ["44-001", "59-001"] {
        let why = format!("{site} was not planned. The stock does not hold what is to be sent.");
        assert!(told.body.contains(&why), "{}", told.body);
    }
    let place = |text: &str| told.body.find(text);
    assert!(place("was not planned") < place("class=\"act"), "it is read before all else: {}", told.body);
    assert_eq!((told.status, count(&s.app, "resupply_planned")), (200, 0));
    assert!(form_of_all(&told.body).is_some(), "they are still to be planned");
}
