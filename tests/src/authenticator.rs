//! The authenticator on somebody's telephone: it knows a secret, and goes by a clock of its own.

use serde_json::json;
use service::clock::Clock;
use service::totp;

use crate::client::{Client, Expect};

/// An authenticator with one secret.
#[derive(Clone, Debug)]
pub struct Authenticator {
    secret: Vec<u8>,
    /// By how many seconds its clock is ahead.
    pub ahead: i64,
}

impl Authenticator {
    /// One that was given this secret, in base 32 and with or without spaces.
    ///
    /// # Panics
    /// When it is none.
    pub fn with(secret: &str) -> Self {
        let secret = totp::from_base32(secret);
        assert_eq!(secret.len(), totp::SECRET, "no secret of a second factor");
        Self { secret, ahead: 0 }
    }

    /// What it shows.
    pub fn code(&self, clock: &Clock) -> String {
        totp::code(&self.secret, totp::step_at(clock.now().plus_seconds(self.ahead)))
    }

    /// Sets a second factor up for somebody who is logged in. Gives the recovery codes, too.
    ///
    /// # Panics
    /// When that is refused.
    #[track_caller]
    pub fn set_up(of: &Client, clock: &Clock) -> (Self, Vec<String>) {
        let device = Self::offered(of);
        let confirmed = of.post("/me/second-factor/confirmation", &json!({ "code": device.code(clock) }));
        let codes = confirmed.expect(201)["recovery_codes"].clone();
        (device, serde_json::from_value(codes).expect("recovery codes"))
    }

    /// One with the secret that somebody is offered.
    ///
    /// # Panics
    /// When that is refused.
    #[track_caller]
    pub fn offered(to: &Client) -> Self {
        let offer = to.post("/me/second-factor", &json!({ "password": to.0.password })).expect(201);
        Self::with(offer["second_factor"]["secret"].as_str().expect("a secret"))
    }
}
