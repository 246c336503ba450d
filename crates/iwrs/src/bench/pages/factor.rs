//! Somebody with a second factor, who has given the password and not yet the code.

use serde_json::json;
use service::clock::Clock;
use service::totp;

use super::browser::Browser;
use super::walk::{Opened, walk};
use crate::client::text_at;
use crate::commands::Failure;
use crate::demo::setup::Cast;
use crate::demo::{Files, Person};

/// Whose pages are no other's: whoever has a second factor logs in by a code, too.
const LOGIN: &str = "coded";

/// The page that such a person sees, and no other.
pub(super) fn opened(
    cast: &mut Cast,
    files: &Files,
    base: &str,
    clock: &Clock,
) -> Result<Vec<Opened>, Failure> {
    let person = Person {
        login: LOGIN.to_owned(),
        name: "Somebody with a second factor".to_owned(),
        role: "monitor".to_owned(),
        mail: format!("{LOGIN}@demo.invalid"),
    };
    cast.invite(&person, &files.plan.site.id)?;
    let password = cast.person(LOGIN)?.password.clone();
    let offer = cast.act(LOGIN, None, "/me/second-factor", &json!({ "password": password }))?;
    let secret = totp::from_base32(text_at(&offer, "/second_factor/secret"));
    let code = totp::code(&secret, totp::step_at(clock.now()));
    cast.act(LOGIN, None, "/me/second-factor/confirmation", &json!({ "code": code }))?;
    walk(&Browser::log_in(base, LOGIN, &password)?, &[]).map_err(Failure::from)
}
