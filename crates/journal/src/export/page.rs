//! The worked example of `docs/JOURNAL.md`, made again: the page and the code cannot drift apart.

use crate::{
    Checkpoint, Entry, Export, Frontier, Head, Opening, Outcome, SigningKey, commit, root, verify_text,
};

const PAGE: &str = include_str!("../../../../docs/JOURNAL.md");

/// Three leaves, of which the second is hidden; the third holds the commitment that is opened.
fn example() -> Export {
    let key = SigningKey::from_seed("iwrs.example", [1; 32]).expect("a key");
    let (field, salt, value) = ("arm".to_owned(), [2; 32], b"placebo".to_vec());
    let commitment = commit(&field, &salt, &value);
    let entries = vec![
        Entry::Leaf(r#"{"act":"open"}"#.into()),
        Entry::Hash(Entry::Leaf(r#"{"act":"hidden"}"#.into()).hash()),
        Entry::Leaf(format!(r#"{{"act":"assign","arm":"{commitment}"}}"#)),
    ];
    let hashes: Vec<_> = entries.iter().map(Entry::hash).collect();
    let (origin, head) = ("iwrs.example/study".to_owned(), Head { size: 3, root: root(&hashes) });
    let checkpoint = key.sign_extension(None, &[], &Checkpoint::new(&origin, head)).expect("signed");
    Export {
        origin,
        size: head.size,
        root: head.root,
        view: "site 1".into(),
        keys: vec![key.verifying_key().clone()],
        entries,
        openings: vec![Opening { leaf: 2, commitment, field, salt, value }],
        trees: vec![],
        checkpoints: vec![checkpoint.into()],
    }
}

#[test]
fn the_page_shows_the_export_that_the_code_writes() {
    let (export, file) = (example(), example().write().expect("written"));
    assert!(PAGE.contains(&format!("```json\n{file}```")), "the page should show:\n{file}");
    assert!(PAGE.contains(&format!("```text\n{}```", export.checkpoints[0])), "{}", export.checkpoints[0]);
    let mut frontier = Frontier::empty();
    export.entries.iter().for_each(|entry| frontier.append(entry.hash()));
    let stored = hex::encode(frontier.to_bytes());
    assert!(PAGE.contains(&stored), "{stored}");
}

#[test]
fn the_page_names_every_check() {
    let file = example().write().expect("written");
    let trusted = example().keys;
    for check in verify_text(&file, &[], &trusted) {
        assert!(PAGE.contains(&format!("| {} |", check.name)), "{}", check.name);
        assert!(!matches!(check.outcome, Outcome::Failed(_)), "{check:?}");
    }
}
