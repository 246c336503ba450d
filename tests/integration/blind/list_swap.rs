//! List swap: the arms of the list alone are permuted, the kits stay, and there is enough of everything. The
//! number on the kit that is handed out may differ, with what follows from that kit's public row; nothing
//! else.

use serde_json::Value;

use super::mask;
use super::recording::{Item, Recording};
use super::script::{Supply, play};
use super::worlds::{plain, swapped};

#[test]
fn bld_03_a_swapped_list_shows_in_the_numbers_of_kits_alone() {
    let (here, there) = (play(plain(2), Supply::Ample), play(swapped(2, [1, 2, 0]), Supply::Ample));
    let (arms, others) = (here.hidden(), there.hidden());
    assert_eq!(arms.kits, others.kits, "the kits stay as they are");
    assert!(arms.subjects.iter().all(|(subject, arm)| others.subjects[subject] == (arm + 1) % 3));
    let difference = here.recording.difference(&there.recording);
    assert!(difference.is_some(), "whoever has another arm is given another kit");
    public(&here.recording).assert_same(&public(&there.recording), "the list swap");
}

/// The recording without the numbers of kits, with lists of kits as counts of like rows, and without the
/// state of a kit that was asked for by its number.
fn public(recording: &Recording) -> Recording {
    let public = |item: &Item| {
        let text = match item.title.split_once("/kits") {
            Some((_, rest)) if rest.starts_with('/') => {
                item.text.lines().next().unwrap_or_default().to_owned()
            }
            // A page of the list has the rows of some kits, and by chance other ones of them are dispensed: what is
            // before it are the totals. All rows are in the list as a file, and in the interface.
            Some(_) if item.text.contains("<section class=\"table\" id=\"totals\">") => {
                // What it is long goes by the words for the states on it.
                let page = item.text.split_once("<!doctype html>").map_or("", |(_, page)| page);
                let totals = page.split("<section class=\"table\" id=\"kits\">").next();
                mask::hashes_and_kits(totals.unwrap_or_default())
            }
            Some(_) => sorted(&mask::hashes_and_kits(&item.text)),
            // Pages are drawn from the rows of the log, which are compared as such; where lines end goes by the order.
            None if item.title.contains("/accountability") && item.text.contains(": application/pdf\n") => {
                item.text.lines().next().unwrap_or_default().to_owned()
            }
            // As above: all rows of the log are in it as a file.
            None if item.title.contains("/imodals/accountability")
                && item.text.contains("<!doctype html>") =>
            {
                let page = item.text.split_once("<!doctype html>").map_or("", |(_, page)| page);
                let before = page.split("<section class=\"table\" id=\"kits\">").next();
                mask::hashes_and_kits(before.unwrap_or_default())
            }
            None if ["/accountability", "/doses", "/recall"].iter().any(|log| item.title.contains(log)) => {
                sorted(&mask::hashes_and_kits(&item.text))
            }
            None => mask::hashes_and_kits(&item.text),
        };
        // A stroke belongs to base64, so the parts of an address are masked one by one.
        let parts: Vec<String> = item.title.split('/').map(mask::hashes_and_kits).collect();
        Item { title: parts.join("/"), text }
    };
    Recording(recording.0.iter().map(public).collect())
}

/// An answer with its kits in the order of what is left of their rows; of a table, the lines.
fn sorted(answer: &str) -> String {
    let Some((head, body)) = answer.split_once("\n\n") else { return answer.to_owned() };
    let Ok(mut json) = serde_json::from_str::<Value>(body) else {
        let mut lines: Vec<&str> = body.lines().collect();
        lines.sort_unstable();
        return format!("{head}\n\n{}", lines.join("\n"));
    };
    for pointer in ["/kits", "/accountability", "/accountability/kits"] {
        if let Some(kits) = json.pointer_mut(pointer).and_then(Value::as_array_mut) {
            kits.sort_by_key(ToString::to_string);
        }
    }
    format!("{head}\n\n{json}")
}
