//! SEQ-02: the published algorithm gives the same bytes to a stranger: the page `docs/ALLOCATION.md` and the
//! second implementation `docs/verify/iwrs_alloc.py` are compared with what the allocator derives.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use allocator::{ALGORITHM, AllocationList, BlockDesign, commitment_leaf, derive, salt};
use draw::{Key, Words};

const PAGE: &str = include_str!("../../docs/ALLOCATION.md");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verify/iwrs_alloc.py");

/// What a list is derived from.
struct Request {
    seed: [u8; 32],
    study: String,
    list: String,
    design: BlockDesign,
}

impl Request {
    fn derive(&self) -> AllocationList {
        derive(&self.seed, &self.study, &self.list, &self.design)
    }

    fn root(&self) -> String {
        let list = self.derive();
        let hashes = list.rows().map(|(stratum, position, entry)| {
            let salt = salt(&self.seed, &self.study, &self.list, stratum, position);
            journal::leaf_hash(&commitment_leaf(&salt, stratum, position, entry.arm))
        });
        journal::root(&hashes.collect::<Vec<_>>()).to_string()
    }

    /// The line that the second implementation reads; ids need no escape in JSON.
    fn json(&self) -> String {
        let Self { seed, study, list, design } = self;
        let (ratio, sizes, lengths) = (design.ratio(), design.sizes(), design.lengths());
        let seed = hex(seed);
        let ids = format!(r#""seed":"{seed}","study":"{study}","list":"{list}""#);
        format!(r#"{{{ids},"ratio":{ratio:?},"sizes":{sizes:?},"lengths":{lengths:?}}}"#)
    }
}

fn csv(list: &AllocationList) -> String {
    let mut text = String::from("stratum,position,block,arm\n");
    for (stratum, position, entry) in list.rows() {
        let arm = entry.arm.index();
        writeln!(text, "{},{},{},{arm}", stratum.index(), position.index(), entry.block).expect("a string");
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request drawn from words, always the same for the same words: up to 6 arms, 4 sizes and 4 strata.
fn drawn(words: &mut Words) -> Request {
    let mut some = |most: u32, from: u32, over: u32| -> Vec<u32> {
        (0..1 + words.below(most)).map(|_| from + words.below(over)).collect()
    };
    let mut ratio = some(5, 1, 3);
    ratio.push(1);
    let mut sizes: Vec<u32> = some(4, 1, 5).iter().map(|rounds| rounds * ratio.iter().sum::<u32>()).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let lengths = some(4, 1, 40);
    words.shuffle(&mut sizes);
    let mut seed = [0; 32];
    seed.iter_mut().for_each(|byte| *byte = u8::try_from(words.below(256)).expect("a byte"));
    let study = format!("study-{}", words.below(1_000));
    let list = format!("L_{}.x", words.below(1_000));
    let design = BlockDesign::new(&ratio, &sizes, &lengths).expect("a drawn design has no problems");
    Request { seed, study, list, design }
}

/// What the second implementation prints for these lines, in one process.
fn second_implementation(lines: String) -> String {
    let mut python = Command::new("python3")
        .args([SCRIPT, "--root"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect(
            "python3 must be installed: the allocation is compared with a second implementation in Python",
        );
    let mut input = python.stdin.take().expect("a pipe");
    // From another thread, because both pipes may be full at once.
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = python.wait_with_output().expect("python3 ends");
    writer.join().expect("the writer ends").expect("python3 reads all lines");
    assert!(output.status.success(), "docs/verify/iwrs_alloc.py failed");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn seq_02_two_hundred_random_designs_agree_byte_for_byte() {
    let mut words = Key::derive(&[1; 32], &["second implementation"]).words(0);
    let designs = if iwrs_tests::long_run() { 5_000 } else { 200 };
    let requests: Vec<Request> = (0..designs).map(|_| drawn(&mut words)).collect();
    let mixed = requests.iter().filter(|request| request.design.sizes().len() > 1).count();
    assert!((designs / 4..3 * designs / 4).contains(&mixed), "{mixed} of {designs} have mixed sizes");
    let theirs = second_implementation(requests.iter().map(|request| request.json() + "\n").collect());
    let mut rest = theirs.as_str();
    for request in &requests {
        let ours = format!("{}root,{}\n", csv(&request.derive()), request.root());
        rest = rest.strip_prefix(&ours).unwrap_or_else(|| {
            panic!("the two differ for {}:\n{ours}\nagainst what begins\n{rest:.2000}", request.json())
        });
    }
    assert_eq!(rest, "", "nothing more is printed");
}

/// The worked example of section 8 of the page.
fn worked_example() -> Request {
    let mut seed = [0; 32];
    seed.iter_mut().zip(0..).for_each(|(byte, index)| *byte = index);
    let design = BlockDesign::new(&[1, 1, 1], &[3, 6], &[12, 6]).expect("a design");
    Request { seed, study: "imodals".to_owned(), list: "list-1".to_owned(), design }
}

/// The text from behind the first `from` to the next `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("the page lacks {from:?}")) + from.len();
    let end = text[start..].find(to).unwrap_or_else(|| panic!("the page lacks {to:?} after {from:?}"));
    &text[start..start + end]
}

#[test]
fn seq_02_the_worked_example_of_the_page_is_right() {
    let request = worked_example();
    assert_eq!(between(PAGE, "\nSeed `", "`"), hex(&request.seed));
    assert_eq!(between(PAGE, "```csv\n", "```"), csv(&request.derive()));
    assert_eq!(between(PAGE, "21 leaves is `", "`"), request.root());
    let key = Key::derive(&request.seed, &[ALGORITHM, &request.study, &request.list]);
    assert_eq!(between(PAGE, "The key is `", "`"), hex(&key.bytes()));
    for (row, stream) in [("| 0 | 0 | `", 0), ("| 0 | 1 | `", 1), ("| 1 | 0 | `", 1 << 32)] {
        let mut words = key.words(stream);
        let first: Vec<String> = (0..8).map(|_| format!("{:08x}", words.next_word())).collect();
        assert_eq!(between(PAGE, row, "`"), first.join(" "), "stream {stream}");
    }
}

#[test]
fn seq_06_the_leaves_of_the_page_are_right() {
    let request = worked_example();
    let leaves = between(PAGE, "The first two leaves:", "The first leaf itself");
    for (stratum, position, entry) in request.derive().rows().take(2) {
        let salt = salt(&request.seed, &request.study, &request.list, stratum, position);
        let leaf = commitment_leaf(&salt, stratum, position, entry.arm);
        let hash = journal::leaf_hash(&leaf);
        let row = format!("| 0 | {} | `{}` | `{hash}` |", position.index(), hex(&salt));
        assert!(leaves.contains(&row), "{row}");
        if position.index() == 0 {
            assert_eq!(between(PAGE, "The first leaf itself is `", "`"), hex(&leaf));
        }
    }
}

#[test]
fn seq_02_the_golden_lists_of_the_page_are_right() {
    let golden = between(PAGE, "| ratio | sizes | list |\n|---|---|---|\n", "\n\n");
    let mut rows = 0;
    for row in golden.lines() {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let numbers = |text: &str, separator: char| -> Vec<u32> {
            text.split(separator).map(|number| number.parse().expect("a number")).collect()
        };
        let design =
            BlockDesign::new(&numbers(cells[0], ':'), &numbers(cells[1], ','), &[20]).expect("a design");
        let list = derive(&[0x5e; 32], "study", "list", &design);
        let blocks = list.strata()[0].chunk_by(|a, b| a.block == b.block);
        let words: Vec<String> =
            blocks.map(|block| block.iter().map(|entry| entry.arm.index().to_string()).collect()).collect();
        assert_eq!(cells[2].trim_matches('`'), words.join(" "), "{row}");
        rows += 1;
    }
    assert_eq!(rows, 4);
}
