use super::{Entry, Export, OpenedTree, Opening};
use crate::{SigningKey, commit, leaf_hash};

fn export() -> Export {
    let key = SigningKey::from_seed("iwrs.example", [1; 32]).expect("a key");
    let opening = |leaf: u64| {
        let commitment = commit("arm", &[9; 32], &[7, 0, 255]);
        Opening { leaf, commitment, field: "arm".into(), salt: [9; 32], value: vec![7, 0, 255] }
    };
    Export {
        origin: "iwrs.example/study".into(),
        size: 3,
        root: leaf_hash(b"any"),
        view: "site \"S1\"".into(),
        keys: vec![key.verifying_key().clone()],
        entries: vec![
            Entry::Leaf(r#"{"a":"\n"}"#.into()),
            Entry::Hash(leaf_hash(b"hidden")),
            Entry::Leaf("{}".into()),
        ],
        openings: vec![opening(0), opening(2)],
        trees: vec![OpenedTree { leaf: 2, root: leaf_hash(b"any"), leaves: vec![vec![7, 0, 255], vec![]] }],
        checkpoints: vec!["any\n".into()],
    }
}

/// Where the parser stops, and at what; `None` when it does not.
fn refusal(file: &str) -> Option<String> {
    Export::parse(file).err().map(|bad| bad.to_string())
}

#[test]
fn what_is_written_is_read_back() {
    let (export, file) = (export(), export().write().expect("written"));
    assert!(Export::parse(&file).is_ok_and(|read| read == export));
    let mut unsorted = export.clone();
    unsorted.openings.reverse();
    unsorted.openings.push(export.openings[0].clone());
    unsorted.trees.push(export.trees[0].clone());
    assert_eq!(unsorted.write().expect("written"), file, "openings are sorted, and each is written once");
}

#[test]
fn a_file_that_is_not_exactly_an_export_is_refused_with_its_line() {
    let file = export().write().expect("written");
    let lines: Vec<&str> = file.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 8, "header, three leaves, two openings, one tree, one checkpoint");
    let order = |order: &[usize]| order.iter().map(|line| lines[*line]).collect::<String>();
    let replaced = |from: &str, to: &str| {
        assert!(file.contains(from), "{from}");
        file.replacen(from, to, 1)
    };
    let table = [
        (String::new(), "line 1: the line does not end"),
        (file.trim_end().to_owned(), "line 8: the line does not end"),
        (order(&[1, 0, 2, 3, 4, 5, 6, 7]), "line 1: the header must come first"),
        (order(&[0, 0, 1, 2, 3, 4, 5, 6, 7]), "line 2: a second header"),
        (order(&[0, 1, 3, 4, 5, 6]), "line 3: leaf 2 where leaf 1 belongs"),
        (order(&[0, 2, 1, 3, 4, 5, 6]), "line 2: leaf 1 where leaf 0 belongs"),
        (order(&[0, 1, 1, 2, 3, 4, 5, 6]), "line 3: leaf 0 where leaf 1 belongs"),
        (order(&[0, 1, 2, 3, 3, 4, 5, 6]), "line 5: leaf 2 after all 3 leaves"),
        (order(&[0, 1, 2]), "line 4: leaf 2 of 3 is missing"),
        (order(&[0, 1, 2, 4, 5, 6]), "line 4: leaf 2 of 3 is missing"),
        (order(&[0, 1, 2, 7]), "line 4: leaf 2 of 3 is missing"),
        (order(&[0, 1, 2, 3, 5, 4, 6]), "line 6: openings not in order"),
        (order(&[0, 1, 2, 3, 4, 4, 5, 6]), "line 6: openings not in order"),
        (order(&[0, 1, 2, 3, 4, 7, 5]), "line 7: an opening after the checkpoints"),
        (order(&[0, 1, 2, 3, 4, 6, 5]), "line 7: an opening after the trees"),
        (order(&[0, 1, 2, 3, 4, 5, 7, 6]), "line 8: a tree after the checkpoints"),
        (order(&[0, 1, 2, 3, 4, 5, 6, 6]), "line 8: trees not in order"),
        (order(&[0, 1, 2, 6]), "line 4: leaf 2 of 3 is missing"),
        (order(&[0, 1, 2, 3, 4, 5, 6, 7, 1]), "line 9: leaf 0 after all 3 leaves"),
        (replaced("iwrs-export-1", "iwrs-export-2"), "line 1: the format is not iwrs-export-1"),
        (replaced("\"size\":3", "\"size\":3,\"time\":0"), "line 1: neither header"),
        (replaced("\"size\":3", "\"size\": 3"), "line 1: not canonical JSON"),
        (replaced("\"size\":3", "\"size\":3.0"), "line 1: neither header"),
        (replaced("\"size\":3", "\"size\":9007199254740992"), "line 1: 9007199254740992 is not"),
        (replaced("iwrs.example+", "iwrs.other+"), "line 1: not the name or text"),
        (replaced("{\"index\":0,", "{\"hash\":\"\",\"index\":0,"), "line 2: neither header"),
        (replaced("\"index\":0,", "\"index\":0,\"index\":0,"), "line 2: neither header"),
        (replaced("\"leaf\":2", "\"leaf\":3"), "line 6: an opening of leaf 3, which does not exist"),
        (replaced("\"BwD/\"", "\"BwD\""), "line 5: an opening's value is not base64"),
        (replaced("\"0909", "\"090g"), "line 5: neither header"),
        (file.replace(lines[6], &lines[6].replace("\"leaf\":2", "\"leaf\":3")), "line 7: a tree of leaf 3"),
        (file.replace(lines[6], &lines[6].replace("\"BwD/\"", "\"BwD\"")), "line 7: a leaf of a tree"),
        (format!("{file}\n"), "line 9: neither header"),
        (format!("{file}{{}}\n"), "line 9: neither header"),
    ];
    for (file, expected) in table {
        let refusal = refusal(&file).unwrap_or_default();
        assert!(refusal.starts_with(expected), "{refusal:?} where {expected:?} was expected");
    }
}
