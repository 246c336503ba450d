//! Asking for a page by many clients at a time.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::browser::Browser;
use super::walk::Opened;
use crate::bench::timing::Timing;
use crate::client::ClientError;
use crate::commands::Failure;

/// A page, and how soon its first byte came.
pub(super) struct Measured {
    pub(super) page: Opened,
    pub(super) first_byte: Timing,
}

/// Browsers by who is logged in at them, each with a session and a connection of its own.
pub(super) struct Clients {
    base: String,
    count: usize,
    by_login: BTreeMap<String, Vec<Browser>>,
}

impl Clients {
    pub(super) fn new(base: &str, count: usize) -> Self {
        Self { base: base.to_owned(), count, by_login: BTreeMap::new() }
    }

    /// Asks for a page so often, evenly by all clients.
    pub(super) fn measure(&mut self, page: Opened, requests: usize) -> Result<Measured, Failure> {
        let browsers = self.at(&page)?;
        let (share, start) = (requests.div_ceil(browsers.len().max(1)), Barrier::new(browsers.len()));
        let ask = |browser: &Browser| -> Result<Vec<Duration>, ClientError> {
            // The connection is open before the first request is measured.
            let opened = browser.open(&page.address);
            start.wait();
            opened?;
            (0..share).map(|_| first_byte(browser, &page.address)).collect()
        };
        let each = thread::scope(|scope| {
            let all: Vec<_> = browsers.iter().map(|browser| scope.spawn(move || ask(browser))).collect();
            let ended = all.into_iter().map(|one| one.join().map_err(|_panic| stopped()));
            let ended: Vec<_> = ended.collect::<Result<_, Failure>>()?;
            let each: Result<Vec<Vec<Duration>>, ClientError> = ended.into_iter().collect();
            Ok::<_, Failure>(each?.concat())
        })?;
        let together = each.iter().sum();
        Ok(Measured { first_byte: Timing::new(each, together), page })
    }

    fn at(&mut self, page: &Opened) -> Result<&[Browser], ClientError> {
        if !self.by_login.contains_key(&page.login) {
            let log_in = |_| match page.password.as_str() {
                "" => Ok(Browser::anonymous(&self.base)),
                password => Browser::log_in(&self.base, &page.login, password),
            };
            let browsers = (0..self.count).map(log_in).collect::<Result<_, _>>()?;
            self.by_login.insert(page.login.clone(), browsers);
        }
        Ok(self.by_login.get(&page.login).map_or(&[], Vec::as_slice))
    }
}

fn first_byte(browser: &Browser, address: &str) -> Result<Duration, ClientError> {
    let page = browser.open(address)?;
    if page.status == 200 {
        return Ok(page.first_byte);
    }
    let request = format!("GET {address} by {}", browser.login);
    Err(ClientError::Unexpected { request, status: page.status, body: page.body })
}

fn stopped() -> Failure {
    Failure::Refused("a client of the benchmark stopped with a panic".to_owned())
}
