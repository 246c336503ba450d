//! The administrator's pages, and everybody's own account.

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World};
use iwrs_tests::authenticator::Authenticator;
use iwrs_tests::browser::{Browser, unescaped};
use iwrs_tests::client::{Client, Expect};
use service::people::SecondFactorRule;

use super::{NEW, SUBJECT, browser, password};
use crate::record::{count as in_study, count_in_installation as count};

const ANN: [(&str, &str); 3] = [("login", "ann"), ("display_name", "Ann"), ("email", "ann@test.invalid")];

/// What stands in large letters.
fn large(reply: &Reply) -> String {
    let text = reply.body.split("class=\"large\"").nth(1).and_then(|rest| rest.split("<strong>").nth(1));
    let text = text.and_then(|rest| rest.split("</strong>").next());
    unescaped(text.unwrap_or_else(|| panic!("nothing large: {}", reply.body)))
}

/// Somebody new, logged in at a browser with a password of their own.
fn newcomer(app: &TestApp, login: &str, one_time: &str) -> Browser {
    let mut browser = Browser::at(app.base());
    browser.log_in(login, one_time);
    let own = format!("a long passphrase of {login}");
    let fields = [("old_password", one_time), ("new_password", own.as_str()), ("repeated", own.as_str())];
    assert_eq!(browser.fill("/password", &fields).status, 303);
    browser
}

#[test]
fn a_person_is_invited_and_the_one_time_password_is_shown_once_however_often_the_form_is_sent() {
    let app = TestApp::imodals();
    let mut admin = browser(&app, "admin");
    let before = count(&app, "account_invited");
    let page = admin.get("/invite");
    let wrong = admin.submit(&page, "/invite", &[("login", "Ann B"), ANN[1], ANN[2]]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("id=\"f-login-about\"><strong class=\"trouble\">"), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"Ann B\"") && wrong.body.contains("value=\"ann@test.invalid\""));
    let first = admin.submit(&page, "/invite", &ANN);
    let again = admin.submit(&page, "/invite", &ANN);
    assert_eq!((first.status, again.status), (200, 200), "{}", again.body);
    assert_eq!(large(&first), large(&again), "a form that is sent twice hides no password");
    assert_eq!(count(&app, "account_invited"), before + 1);
    let taken = admin.fill("/invite", &ANN);
    assert_eq!(taken.status, 409);
    assert!(taken.body.contains("id=\"f-login-about\"><strong class=\"trouble\">"), "{}", taken.body);
    let one_time = large(&first);
    assert!(!admin.get("/people/ann").body.contains(&one_time), "it is shown nowhere else");
    newcomer(&app, "ann", &one_time);
    assert!(admin.get("/people").body.contains("Ann"));
}

#[test]
fn an_account_is_reset_by_one_or_by_two_and_once_for_one_form() {
    let app = TestApp::imodals();
    let (mut admin, mut second) = (browser(&app, "admin"), browser(&app, "admin2"));
    app.clock.advance(1);
    let before = count(&app, "account_reset");
    let page = admin.get("/people/monitor/reset");
    let first = admin.submit(&page, "/people/monitor/reset", &[]);
    let again = admin.submit(&page, "/people/monitor/reset", &[]);
    assert_eq!(large(&first), large(&again));
    assert_eq!(count(&app, "account_reset"), before + 1);
    Browser::at(app.base()).log_in("monitor", &large(&first));

    let page = admin.get("/people/statistician/reset");
    for _ in 0..2 {
        let proposed = admin.submit(&page, "/people/statistician/reset", &[]);
        assert_eq!(proposed.header("location"), "/people/statistician?done=reset_proposed");
    }
    assert_eq!(count(&app, "reset_proposed"), 1);
    for page in ["/people", "/people/statistician", "/people/statistician/reset"] {
        assert!(second.get(page).body.contains("admin"), "{page} says who has proposed it");
    }
    app.person("statistician").get("/me").expect(200);
    app.clock.advance(1);
    let done = second.fill("/people/statistician/reset", &[]);
    Browser::at(app.base()).log_in("statistician", &large(&done));
    let own = admin.fill("/people/admin/reset", &[]);
    assert_eq!(own.status, 409, "one's own is replaced with the old one");
}

#[test]
fn bld_13_an_unblinded_role_is_proposed_on_one_page_and_confirmed_on_another_by_somebody_else() {
    let app = TestApp::imodals();
    let (mut admin, mut second) = (browser(&app, "admin"), browser(&app, "admin2"));
    admin.fill("/invite", &ANN);
    let (own, others) = (password(&app, "admin"), password(&app, "admin2"));
    let wanted = |role, password| {
        [("role", role), ("study", "imodals"), ("site", ""), ("reason", "delegated"), ("password", password)]
    };
    let wrong = admin.fill("/people/ann/grants", &wanted("statistician", "not that"));
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("value=\"delegated\""), "what was typed stays: {}", wrong.body);
    let no_reason = admin.fill("/people/ann/grants", &[("role", "statistician"), ("password", &own)]);
    assert_eq!(no_reason.status, 422);
    let proposed = admin.fill("/people/ann/grants", &wanted("statistician", &own));
    assert_eq!(proposed.header("location"), "/people/ann?done=proposed", "{}", proposed.body);

    let waiting = second.get("/people");
    let link = waiting.body.split("href=\"").find(|link| link.contains("/confirmation")).expect("it waits");
    let confirmation = link.split('"').next().expect("an address").to_owned();
    let by_oneself = admin.fill(&confirmation, &[("password", &own)]);
    assert_eq!(by_oneself.status, 409, "{}", by_oneself.body);
    assert!(!app_roles(&mut admin).contains("statistician (imodals)"));
    let confirmed = second.fill(&confirmation, &[("password", &others)]);
    assert_eq!(confirmed.header("location"), "/people/ann?done=granted", "{}", confirmed.body);
    assert!(app_roles(&mut admin).contains("statistician (imodals)"));
    assert_eq!(
        admin.fill("/people/ann/grants", &wanted("monitor", &own)).status,
        409,
        "it excludes the blind"
    );

    let revocation = confirmation.replace("/confirmation", "/revocation");
    assert_eq!(admin.fill(&revocation, &[]).status, 422, "without a reason");
    let revoked = admin.fill(&revocation, &[("reason", "left")]);
    assert_eq!(revoked.header("location"), "/people/ann?done=revoked", "{}", revoked.body);
    let review = admin.get("/access-review?csv=grants");
    let of_ann: Vec<&str> = review.body.lines().filter(|line| line.starts_with("ann,")).collect();
    assert!(of_ann.len() == 1 && of_ann[0].contains("revoked"), "{of_ann:?}");
}

/// The row of ann among everybody.
fn app_roles(admin: &mut Browser) -> String {
    let page = admin.get("/people?csv=people");
    page.body.lines().find(|line| line.starts_with("ann,")).expect("ann").to_owned()
}

#[test]
fn usr_03_sessions_are_seen_and_ended() {
    let app = TestApp::imodals();
    let mut admin = browser(&app, "admin");
    let mut pharmacist = browser(&app, "pharmacist");
    let elsewhere = browser(&app, "pharmacist");
    assert_eq!(pharmacist.fill("/me/sessions", &[]).header("location"), "/me/sessions?done=sessions");
    assert_eq!(elsewhere.clone().get("/me").status, 303, "all others have ended");
    assert_eq!(pharmacist.get("/me").status, 200);
    let page = admin.get("/people/pharmacist/sessions");
    let id = page.body.split("name=\"session\" value=\"").nth(2).and_then(|rest| rest.split('"').next());
    let id = id.expect("the session").to_owned();
    let ended = admin.submit(&page, "/people/pharmacist/sessions", &[("session", &id)]);
    assert_eq!(ended.header("location"), "/people/pharmacist/sessions?done=sessions", "{}", ended.body);
    assert_eq!(pharmacist.get("/me").status, 303);
}

#[test]
fn these_pages_are_for_administrators_alone() {
    let app = TestApp::imodals();
    for who in ["investigator", "statistician", "monitor"] {
        let mut browser = browser(&app, who);
        for page in [
            "/people",
            "/invite",
            "/access-review",
            "/people/admin",
            "/people/nobody",
            "/people/admin/reset",
            "/people/admin/sessions",
            "/people/admin/grants",
            "/people/admin/grants/nothing/confirmation",
            "/people/admin/grants/nothing/revocation",
        ] {
            assert_eq!(browser.get(page).status, 403, "{page} by {who}");
        }
        assert!(!browser.get("/?all=yes").body.contains("href=\"/people\""));
    }
    let mut admin = browser(&app, "admin");
    for page in ["/people/nobody", "/people/admin/grants/nothing/confirmation", "/people/nobody/sessions"] {
        assert_eq!(admin.get(page).status, 404, "{page}");
    }
}

/// Sets a second factor up on the pages.
fn set_up(browser: &mut Browser, app: &TestApp, own: &str) -> (Authenticator, Reply) {
    let page = browser.get("/second-factor");
    let wrong = browser.submit(&page, "/second-factor", &[("password", "not that")]);
    assert!(wrong.body.contains("id=\"f-password-about\"><strong class=\"trouble\">"), "{}", wrong.body);
    let offered = browser.submit(&page, "/second-factor", &[("password", own)]);
    assert!(offered.body.contains("<svg viewBox=\"-4 -4 "), "{}", offered.body);
    let address = unescaped(offered.body.split("<dd>otpauth://").nth(1).expect("an address"));
    let secret = address.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).expect("a secret");
    let device = Authenticator::with(secret);
    let wrong = browser.submit(&offered, "/second-factor/confirmation", &[("code", "000000")]);
    assert_eq!(wrong.status, 401);
    let code = device.code(&app.clock);
    let set = browser.submit(&wrong, "/second-factor/confirmation", &[("code", &code)]);
    assert_eq!((set.status, set.body.matches("<li><code>").count()), (200, 10), "{}", set.body);
    let again = browser.submit(&wrong, "/second-factor/confirmation", &[("code", &code)]);
    assert_eq!(again.header("location"), "/second-factor?done=second_factor", "sent twice it is done once");
    app.clock.advance(60);
    (device, set)
}

#[test]
fn usr_09_unblinded_people_and_administrators_are_led_to_a_second_factor_and_nowhere_else() {
    let world = World { second_factor: SecondFactorRule::Offered, ..World::default() };
    let staged = TestApp::in_world(world);
    let strict = World { second_factor: SecondFactorRule::Required, ..World::default() };
    let (service, clock) = iwrs_tests::app::service(staged.database.url(), strict);
    let running = iwrs::Running::start(&service).expect("a server that demands it");
    clock.set(staged.clock.now());
    for who in ["statistician", "admin", "supply"] {
        let own = password(&staged, who);
        let mut browser = Browser::at(running.base());
        browser.log_in(who, &own);
        for page in ["/", "/me", "/studies/imodals", "/people", "/password", "/me/sessions", "/invite"] {
            assert_eq!(browser.get(page).header("location"), "/second-factor", "{page} by {who}");
        }
        assert_eq!(browser.get("/second-factor").status, 200);
    }
    let mut investigator = Browser::at(running.base());
    investigator.log_in("investigator", &password(&staged, "investigator"));
    assert_eq!(investigator.get("/studies/imodals").status, 200, "others are not asked");

    let own = password(&staged, "statistician");
    let mut statistician = Browser::at(running.base());
    statistician.log_in("statistician", &own);
    let page = statistician.get("/second-factor");
    let offered = statistician.submit(&page, "/second-factor", &[("password", &own)]);
    let address = unescaped(offered.body.split("<dd>otpauth://").nth(1).expect("an address"));
    let secret = address.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).expect("a secret");
    let code = Authenticator::with(secret).code(&clock);
    let set = statistician.submit(&offered, "/second-factor/confirmation", &[("code", &code)]);
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!(statistician.get("/studies/imodals").status, 200);
    let removal = statistician.fill("/second-factor/removal", &[("password", &own)]);
    assert_eq!(removal.status, 403, "{}", removal.body);
}

#[test]
fn usr_09_after_the_password_the_code_is_asked_for_and_what_was_wanted_is_kept() {
    let app = TestApp::imodals();
    let own = password(&app, "investigator");
    let mut first = browser(&app, "investigator");
    let (device, set) = set_up(&mut first, &app, &own);
    let recovery = set.body.split("<li><code>").nth(1).and_then(|rest| rest.split('<').next());
    let recovery = recovery.expect("a recovery code").to_owned();

    let mut second = Browser::at(app.base());
    let page = second.get("/log-in?then=%2Fstudies%2Fimodals%2Fsubjects");
    let asked = second.submit(&page, "/log-in", &[("login", "investigator"), ("password", &own)]);
    assert_eq!(asked.status, 200, "{}", asked.body);
    let elsewhere = second.get("/studies/imodals/subjects");
    assert_eq!(elsewhere.header("location"), "/code?then=%2Fstudies%2Fimodals%2Fsubjects");
    assert_eq!(second.get("/me").status, 303);
    let wrong = second.submit(&asked, "/code", &[("code", "000000")]);
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("id=\"f-code-about\"><strong class=\"trouble\">"), "{}", wrong.body);
    assert!(!wrong.body.contains("000000"), "a code is not sent back");
    let code = device.code(&app.clock);
    let entered = second.submit(&wrong, "/code", &[("code", &code)]);
    assert_eq!(entered.header("location"), "/studies/imodals/subjects", "{}", entered.body);
    assert_eq!(second.get("/studies/imodals/subjects").status, 200);
    assert_eq!(second.get("/code").header("location"), "/", "there is nothing to give any more");

    // What was typed outlives the session, the password and the code.
    let form = second.get(NEW);
    app.clock.advance(31 * 60);
    let ended = second.submit(&form, NEW, &SUBJECT);
    let asked = second.submit(&ended, "/log-in", &[("login", "investigator"), ("password", &own)]);
    let back = second.submit(&asked, "/code", &[("code", &recovery)]);
    assert_eq!(back.status, 200, "{}", back.body);
    let form = second.submit(&back, NEW, &[]);
    assert!(form.body.contains("value=\"S-001\""), "{}", form.body);
    assert_eq!((second.submit(&form, NEW, &SUBJECT).status, in_study(&app, "subject_screened")), (303, 1));
    let removed = second.fill("/second-factor/removal", &[("password", &own)]);
    assert_eq!(removed.header("location"), "/second-factor?done=factor_removed");
}

#[test]
fn unb_08_without_the_device_a_code_is_broken_on_the_pages_with_the_password_alone() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    Authenticator::set_up(&app.person("investigator"), &app.clock);
    let own = password(&app, "investigator");
    let mut browser = Browser::at(app.base());
    let asked = browser.fill("/log-in", &[("login", "investigator"), ("password", &own)]);
    assert!(asked.body.contains("href=\"/code\""), "{}", asked.body);
    let without = browser.get("/code");
    assert!(without.body.contains("href=\"/studies/imodals/break\""), "{}", without.body);
    let number = [("screening_number", "S-001"), ("reason", "overdose"), ("password", own.as_str())];
    let shown = browser.fill("/studies/imodals/break", &number);
    assert_eq!((shown.status, in_study(&app, "unblinded")), (200, 1), "{}", shown.body);
    for page in ["/studies/imodals", "/studies/imodals/subjects/S-001", "/me", "/second-factor"] {
        assert_eq!(browser.get(page).status, 303, "{page} asks for the code");
    }
    assert_eq!(count(&app, "logged_in_by_password_alone"), 1);
    let guard = without.body.split("name=\"guard\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let fields = [("guard".to_owned(), guard.expect("the form that logs out").to_owned())];
    assert_eq!(browser.post("/log-out", &fields).header("location"), "/log-in?done=logged_out");
}

#[test]
fn a_program_and_a_browser_have_one_second_factor() {
    let app = TestApp::imodals();
    let monitor = app.person("monitor");
    let (device, _codes) = Authenticator::set_up(&monitor, &app.clock);
    app.clock.advance(60);
    let code = device.code(&app.clock);
    let mut browser = Browser::at(app.base());
    let asked = browser.fill("/log-in", &[("login", "monitor"), ("password", &monitor.0.password)]);
    assert_eq!(browser.submit(&asked, "/code", &[("code", &code)]).status, 303);
    let program = Client::log_in(app.base(), "monitor", &monitor.0.password);
    let reply = program.post("/session/code", &serde_json::json!({ "code": code }));
    assert_eq!(reply.problem(401), "wrong-code", "it was used at the browser");
}
