//! After a trial under the real sealer, no sealed code and no key lies anywhere in any form: not in the
//! database and its log, nor in the service's log, in mails to blinded people, or in anything that these were
//! answered.

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};
use iwrs_tests::app::{CHECKPOINT_SEED, MASTER_KEY, TOKEN_SEED};
use iwrs_tests::database::TestDatabase;
use memchr::memmem::Finder;

use super::hidden;
use super::real_sealer::left;
use super::trial::Trial;
use super::worlds::SHIPPED;

/// Where something lies, and the bytes of it.
pub(super) type Place = (String, Vec<u8>);
/// What something secret is, and the bytes of it.
pub(super) type Secret = (String, Vec<u8>);

/// Words that only unblinded people may read: what is in a kit, and true lots.
const WORDS: [&str; 7] =
    ["5 vials of", "LOT-DEMO-A", "LOT-DEMO-B", "LOT-DEMO-C", "LOT-2-0", "LOT-2-1", "LOT-2-2"];

/// Everything that lies anywhere after a trial.
pub(super) fn places(trial: &Trial) -> Vec<Place> {
    let mut places = of_database(&trial.app.database);
    let log = trial.log.concat().into_bytes();
    assert!(!log.is_empty(), "the log was kept");
    places.push(("the log".to_owned(), log));
    for item in &trial.recording.0 {
        places.push((item.title.clone(), item.text.clone().into_bytes()));
    }
    for mail in trial.mails.iter().filter(|mail| mail.to().to_string() != super::trial::UNBLINDED_MAIL) {
        places.push((format!("a mail to {}", mail.to()), format!("{mail:?}").into_bytes()));
    }
    places
}

/// The files of the database or, where a server keeps it, every row of every table.
fn of_database(database: &TestDatabase) -> Vec<Place> {
    let Some(folder) = database.folder() else { return rows(database) };
    let files = std::fs::read_dir(folder).expect("the folder of the database");
    let read = |path: std::path::PathBuf| {
        (path.display().to_string(), std::fs::read(&path).expect("a file of the database"))
    };
    let places: Vec<Place> = files.map(|file| read(file.expect("a file").path())).collect();
    assert!(
        places.iter().any(|(path, bytes)| path.ends_with("-wal") && !bytes.is_empty()),
        "the log is searched"
    );
    places
}

/// Bytes come as hexadecimal, which is one of the forms that are searched for.
fn rows(database: &TestDatabase) -> Vec<Place> {
    let tables = "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'";
    let tables = database.values(tables).expect("the tables");
    assert!(tables.len() > 20, "{tables:?}");
    let rows = |table: &String| {
        let rows = format!("SELECT CAST(t AS text) AS value FROM \"{table}\" t");
        (table.clone(), database.values(&rows).expect("the rows").join("\n").into_bytes())
    };
    tables.iter().map(rows).collect()
}

/// Everything that is searched for.
pub(super) fn secrets(trial: &Trial) -> Vec<Secret> {
    let words = WORDS.iter().chain(&SHIPPED.arms).chain(&SHIPPED.kit_types);
    let mut secrets: Vec<Secret> = words.map(|word| ((*word).to_owned(), word.as_bytes().to_vec())).collect();
    let keys = hidden::secrets(trial.app.database.url());
    // The kits' numbers, the picks, and two lists; and one data key.
    assert_eq!(keys.len(), 5, "the seeds and the data key are found");
    secrets.extend(keys);
    secrets.push(("the master key".to_owned(), hex::decode(MASTER_KEY).expect("a key")));
    secrets.push(("the key of tokens".to_owned(), TOKEN_SEED.to_vec()));
    secrets.push(("the key of checkpoints".to_owned(), CHECKPOINT_SEED.to_vec()));
    secrets
}

#[test]
fn bld_11_no_code_and_no_key_lies_anywhere_in_any_form() {
    let left = left();
    for (secret, bytes) in &left.secrets {
        let found = find(&left.places, bytes);
        assert!(found.is_empty(), "{secret} lies in {found:?}");
    }
}

#[test]
fn a_planted_canary_is_found_in_every_form_and_place() {
    let secret = &left().secrets.last().expect("a secret").1;
    for form in forms(secret) {
        for (before, after) in [("", ""), ("{\"id\":\"", "\"}"), ("x", "y")] {
            let text = [before.as_bytes(), &form, after.as_bytes()].concat();
            assert_eq!(find(&[("planted".to_owned(), text)], secret), ["planted"]);
        }
    }
    let database = iwrs_tests::database::fresh_database();
    let word = SHIPPED.arms[0];
    assert!(find(&of_planted(&database), word.as_bytes()).is_empty());
    let plant = format!("CREATE TABLE planted (word TEXT); INSERT INTO planted VALUES ('{word}')");
    database.execute(&plant).expect("a table");
    assert!(!find(&of_planted(&database), word.as_bytes()).is_empty(), "it lies in the database");
}

/// The places of a database that nobody has open: its log has been written back.
fn of_planted(database: &TestDatabase) -> Vec<Place> {
    let Some(folder) = database.folder() else { return rows(database) };
    let files = std::fs::read_dir(folder).expect("the folder of the database");
    files
        .map(|file| file.expect("a file").path())
        .map(|path| (path.display().to_string(), std::fs::read(path).expect("a file")))
        .collect()
}

/// In which places the secret lies in any of its forms.
fn find<'a>(places: &'a [Place], secret: &[u8]) -> Vec<&'a str> {
    let forms = forms(secret);
    let forms: Vec<Finder> = forms.iter().map(Finder::new).collect();
    let holds = |bytes: &[u8]| forms.iter().any(|form| form.find(bytes).is_some());
    places.iter().filter(|(_, bytes)| holds(bytes)).map(|(place, _)| place.as_str()).collect()
}

/// The secret raw, in hexadecimal of both cases, and in both kinds of base64 at every alignment, without the
/// characters at the ends that depend on what stands beside it.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms =
        vec![secret.to_vec(), hex::encode(secret).into_bytes(), hex::encode_upper(secret).into_bytes()];
    for shift in 0..3 {
        let shifted = [&vec![0; shift], secret].concat();
        for text in [Base64Unpadded::encode_string(&shifted), Base64UrlUnpadded::encode_string(&shifted)] {
            let whole = (shifted.len() / 3) * 4;
            forms.push(text.as_bytes()[(shift * 4).div_ceil(3)..whole].to_vec());
        }
    }
    forms
}
