//! Two administrators who grant at the same moment, each under the lock of another tree.

use std::sync::Barrier;
use std::thread;

use iwrs_tests::client::Client;

use super::office::{Office, wanted};

/// Every pair meets its own person, so each is a race of its own.
const RACES: usize = 16;

/// Asks for a role at the moment that the other is ready, too.
fn grant_at_once(by: &Client, user: &str, role: &str, ready: &Barrier) -> u16 {
    let (path, body) = (format!("/users/{user}/grants"), wanted(role));
    let signature = by.sign("grant_role", &path, &body);
    ready.wait();
    by.post_signed(&path, &body, &format!("{user}-{role}"), &signature).status
}

#[test]
fn usr_05_of_two_roles_that_exclude_each_other_one_is_granted_however_close_they_come() {
    let office = Office::open();
    for race in 0..RACES {
        let user = format!("person-{race}");
        office.invite(&user);
        let ready = Barrier::new(2);
        let statuses = thread::scope(|scope| {
            let of_installation =
                scope.spawn(|| grant_at_once(&office.first, &user, "administrator", &ready));
            let of_study = grant_at_once(&office.second, &user, "monitor", &ready);
            [of_installation.join().expect("an answer"), of_study]
        });
        assert!(matches!(statuses, [201, 409] | [409, 201]), "{user}: {statuses:?}");
    }
}
