//! House style as a test: every rule that a machine can hold is held here, over every file of the repository.
//!
//! A rule is a function from the files to what is wrong in them. Beside it stands a planted violation that it
//! must see and a harmless neighbor that it must pass, so that no rule can go blind.

use std::collections::BTreeSet;
use std::path::Path;

/// One file: its path from the repository's root with `/` between the parts, its text and its size.
struct Source {
    path: String,
    text: String,
    bytes: usize,
}

/// What a rule answers: `path:line: what is wrong`.
type Findings = Vec<String>;

struct Rule {
    name: &'static str,
    find: fn(&[Source]) -> Findings,
    /// Path and text of files in which the rule must find something.
    bad: &'static [(&'static str, &'static str)],
    /// Path and text of files in which it must find nothing.
    good: &'static [(&'static str, &'static str)],
}

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
/// Of code, as rustfmt keeps it, and of comments, which it leaves alone.
const CODE_WIDTH: usize = 110;
const COMMENT_WIDTH: usize = 120;
const FILE_BYTES: usize = 1024 * 1024;
/// Third-party packages on all platforms together. Whoever raises it says why in the commit. Five write labels and
/// logs (docs/decisions/0014), five compile the pages (docs/decisions/0018), and the last draws what an authenticator
/// reads (docs/decisions/0019).
const PACKAGES: usize = 330;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "manager", "misc"];
/// The only files that may know which engine they talk to.
const ENGINE_FILES: [&str; 4] = ["connect.rs", "migrate.rs", "begin.rs", "backup.rs"];
/// Words that the product never says of itself: it supports a rule, and somebody else judges.
const CLAIMS: [&str; 2] = ["compliant", "validated"];
/// The list of all tables: its length is not a choice.
const TABLES: &str = "crates/store/src/schema.rs";
/// This file quotes what it forbids.
const THIS_FILE: &str = "tests/integration/tidy.rs";

const RULES: &[Rule] = &[
    Rule {
        name: "telling names",
        find: telling_names,
        bad: &[("crates/a/src/date_utils.rs", "")],
        good: &[("crates/a/src/commons.rs", "mod helpful;\n")],
    },
    Rule {
        name: "telling module names",
        find: telling_names,
        bad: &[("crates/a/src/lib.rs", "pub(crate) mod helpers {\n}\n")],
        good: &[("crates/a/src/lib.rs", "// The common case.\n")],
    },
    Rule {
        name: "nothing unfinished",
        find: nothing_unfinished,
        bad: &[("crates/a/src/lib.rs", "// FIXME: later\n")],
        good: &[("crates/a/src/lib.rs", "const MASK: &str = \"XXXX\";\n")],
    },
    Rule {
        name: "no test is set aside",
        find: nothing_unfinished,
        bad: &[("tests/integration/a.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n")],
        good: &[("tests/integration/a.rs", "#[test]\nfn ignored() {}\n")],
    },
    Rule {
        name: "no test sleeps",
        find: no_test_sleeps,
        bad: &[("crates/a/src/lib.rs", "#[cfg(test)]\nmod tests {\n    thread::sleep(second);\n}\n")],
        good: &[(
            "crates/a/src/lib.rs",
            "#[cfg(test)]\nmod tests {\n}\n\nfn f() {\n    thread::sleep(second);\n}\n",
        )],
    },
    Rule {
        name: "permits come from the trial",
        find: permits_come_from_the_trial,
        bad: &[("crates/web/src/lib.rs", "impl terms::Permit for Everybody {}\n")],
        good: &[("crates/trial/src/grant.rs", "impl Permit for Grant {}\n")],
    },
    Rule {
        name: "four files know the engine",
        find: four_files_know_the_engine,
        bad: &[("crates/store/src/rows/kit.rs", "        Engine::Sqlite(inner) => count(inner),\n")],
        good: &[("crates/store/src/connect.rs", "        Engine::Sqlite(inner) => count(inner),\n")],
    },
    Rule {
        name: "migrations in step",
        find: migrations_in_step,
        bad: &[("migrations/sqlite/0001_a/up.sql", ""), ("migrations/postgres/0001-a/up.sql", "")],
        good: &[("migrations/sqlite/0001_a/up.sql", ""), ("migrations/postgres/0001_a/up.sql", "")],
    },
    Rule {
        name: "no claims",
        find: no_claims,
        bad: &[("README.md", "It is fully Compliant.\n")],
        good: &[("README.md", "A revoked token is invalidated.\n")],
    },
    Rule {
        name: "every crate has its place in the architecture",
        find: crates_are_described,
        bad: &[("crates/cellar/Cargo.toml", ""), ("docs/ARCHITECTURE.md", "A cellar is below.\n")],
        good: &[("crates/cellar/Cargo.toml", ""), ("docs/ARCHITECTURE.md", "- `cellar`: is below.\n")],
    },
    Rule {
        name: "the version has an entry in the changelog",
        find: version_is_in_the_changelog,
        bad: &[("Cargo.toml", "version = \"0.2.0\"\n"), ("CHANGELOG.md", "## 0.1.0\n\nSee 0.2.0.\n")],
        good: &[("Cargo.toml", "version = \"0.2.0\"\n"), ("CHANGELOG.md", "## 0.2.0, 2026-11-23\n")],
    },
    Rule {
        name: "clean line ends",
        find: clean_line_ends,
        bad: &[("docs/A.md", "A line. \nAnother.\n")],
        good: &[("docs/A.md", "A line.\nAnother.\n")],
    },
];

/// A rule with a limit, a path that it looks at, a text of so much, and the limit.
type Limit = (fn(&[Source]) -> Findings, &'static str, fn(usize) -> String, usize);

const LIMITS: &[Limit] = &[
    (short_files, "crates/a/src/lib.rs", |n| "\n".repeat(n), FILE_LINES),
    (short_functions, "crates/a/src/lib.rs", function_of, FUNCTION_LINES),
    (short_lines, "crates/a/src/lib.rs", |n| "é".repeat(n), CODE_WIDTH),
    (short_lines, "crates/a/src/lib.rs", |n| format!("  //!{}", "é".repeat(n - 5)), COMMENT_WIDTH),
    (small_files, "docs/a.svg", |n| "x".repeat(n), FILE_BYTES),
    (few_packages, "Cargo.lock", |n| "[[package]]\n".repeat(n), PACKAGES),
];

#[test]
fn the_repository_is_tidy() {
    let files = repository();
    assert!(files.iter().any(|file| file.path == THIS_FILE), "the walk does not see this very file");
    let more = LIMITS.iter().map(|limit| limit.0);
    let rules = RULES.iter().map(|rule| rule.find).chain(more);
    let findings: BTreeSet<String> = rules.flat_map(|find| find(&files)).collect();
    assert!(findings.is_empty(), "{}", findings.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_rule_sees_what_it_forbids_and_nothing_else() {
    for rule in RULES {
        assert_ne!((rule.find)(&planted(rule.bad)), Findings::new(), "{}: is blind", rule.name);
        assert_eq!((rule.find)(&planted(rule.good)), Findings::new(), "{}: sees ghosts", rule.name);
    }
}

#[test]
fn limits_hold_to_the_line() {
    for (find, path, text, limit) in LIMITS {
        assert_eq!(find(&planted(&[(path, &text(*limit))])), Findings::new(), "{path}");
        assert_eq!(find(&planted(&[(path, &text(*limit + 1))])).len(), 1, "{path}");
    }
}

/// A function of so many lines, behind one without a body and one on a single line, in an `impl` block.
fn function_of(lines: usize) -> String {
    let body = "        let a = 1;\n".repeat(lines - 3);
    let before = "    fn a(\n        b: u8,\n    ) -> u8;\n    fn c() {}\n";
    format!("impl A {{\n{before}    pub(crate) async fn f(\n    ) {{\n{body}    }}\n}}\n")
}

fn planted(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |(path, text): &(&str, &str)| Source {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
        bytes: text.len(),
    };
    files.iter().map(source).collect()
}

/// Every file of the working tree except what git, cargo and the demo keep there.
fn repository() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the repository");
    let mut files = Vec::new();
    walk(root, root, &mut files);
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository can be listed") {
        let entry = entry.expect("a folder of the repository can be listed");
        let (path, kind) = (entry.path(), entry.file_type().expect("a file has a type"));
        let relative = path.strip_prefix(root).expect("the walk stays under the root");
        let relative = relative.to_string_lossy().replace('\\', "/");
        if kind.is_dir() && ![".git", "target", "var"].contains(&relative.as_str()) {
            walk(root, &path, files);
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).expect("a file of the repository can be read");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.push(Source { path: relative, text, bytes: bytes.len() });
        }
    }
}

fn short_files(files: &[Source]) -> Findings {
    let written = rust(files).filter(|file| file.path != TABLES);
    let long = written.filter(|file| file.text.lines().count() > FILE_LINES);
    long.map(|file| format!("{}: over {FILE_LINES} lines; cut it where the nouns part", file.path)).collect()
}

fn short_functions(files: &[Source]) -> Findings {
    let mut findings = Findings::new();
    for file in rust(files) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| starts_function(line)) {
            if function_length(&lines[index..]) > FUNCTION_LINES {
                findings.push(at(file, index, &format!("over {FUNCTION_LINES} lines: {}", line.trim())));
            }
        }
    }
    findings
}

fn starts_function(line: &str) -> bool {
    let mut words = line.trim_start().split(' ');
    let qualifiers = ["pub", "pub(crate)", "pub(super)", "const", "async", "extern", "\"C\""];
    words.find(|word| !qualifiers.contains(word)) == Some("fn")
}

/// Lines from the first to the closing brace, which rustfmt puts under the first letter of the function; 1 without
/// a body or with the body on the same line.
fn function_length(lines: &[&str]) -> usize {
    let indent = indent(lines[0]);
    let own = |line: &&str| self::indent(line) == indent;
    let ends = |line: &str| line.trim() == "}" || line.ends_with(';');
    let one_line = ends(lines[0]) || lines[0].ends_with('}');
    let end = lines.iter().position(|line| own(line) && ends(line)).unwrap_or(lines.len() - 1);
    if one_line { 1 } else { end + 1 }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn short_lines(files: &[Source]) -> Findings {
    let width = |line: &str| if is_comment(line) { COMMENT_WIDTH } else { CODE_WIDTH };
    // rustfmt lets the comma at the end of an attribute's line stand out.
    let wide = |line: &str| line.trim_end_matches(',').chars().count() > width(line);
    lines(rust(files), wide, "too wide to read")
}

fn small_files(files: &[Source]) -> Findings {
    let large = files.iter().filter(|file| file.bytes > FILE_BYTES);
    large.map(|file| format!("{}: over 1 MiB; history keeps it for ever", file.path)).collect()
}

fn few_packages(files: &[Source]) -> Findings {
    let lock = files.iter().filter(|file| file.path == "Cargo.lock");
    let counts = lock.map(|file| file.text.lines().filter(|line| *line == "[[package]]").count());
    let many = counts.filter(|count| *count > PACKAGES);
    many.map(|count| format!("Cargo.lock: {count} packages, over {PACKAGES}; drop one, or say why not"))
        .collect()
}

fn telling_names(files: &[Source]) -> Findings {
    let empty = |name: &str| name.split(['_', '-', '.']).any(|part| EMPTY_NAMES.contains(&part));
    let paths = files.iter().filter(|file| file.path.split('/').any(empty));
    let mut findings: Findings = paths.map(|file| format!("{}: the name says nothing", file.path)).collect();
    let module = |line: &str| {
        let words: Vec<&str> = line.split([' ', ';', '{']).collect();
        words.windows(2).any(|pair| pair[0] == "mod" && empty(pair[1]))
    };
    let others = rust(files).filter(|file| file.path != THIS_FILE);
    findings.extend(lines(others, |line| !is_comment(line) && module(line), "the name says nothing"));
    findings
}

fn nothing_unfinished(files: &[Source]) -> Findings {
    let others = rust(files).filter(|file| file.path != THIS_FILE);
    let unfinished = |line: &str| {
        ["todo!", "#[ignore"].iter().any(|text| line.contains(text))
            || ["TODO", "FIXME", "XXX"].iter().any(|word| has_word(line, word))
    };
    lines(others, unfinished, "is not finished; finish it, or write down why it need not be")
}

fn no_test_sleeps(files: &[Source]) -> Findings {
    let mut findings = Findings::new();
    for file in rust(files).filter(|file| file.path != THIS_FILE) {
        // The indent of the `mod tests` that the line stands in.
        let mut module = None;
        let mut before = "";
        for (index, line) in file.text.lines().enumerate() {
            if before.trim() == "#[cfg(test)]" && line.ends_with('{') {
                module = Some(indent(line));
            } else if line.trim() == "}" && module == Some(indent(line)) {
                module = None;
            }
            before = line;
            let in_test = module.is_some() || file.path.starts_with("tests/") || file.path.contains("/tests");
            if in_test && (line.contains("thread::sleep") || line.contains("time::sleep")) {
                findings.push(at(file, index, "a test that sleeps is slow or wrong; wait for the event"));
            }
        }
    }
    findings
}

fn permits_come_from_the_trial(files: &[Source]) -> Findings {
    let others = rust(files).filter(|file| !file.path.starts_with("crates/trial/") && file.path != THIS_FILE);
    let permits = |line: &str| line.trim_start().starts_with("impl") && line.contains("Permit for ");
    lines(others, permits, "only the trial may let a sealed value be seen")
}

fn four_files_know_the_engine(files: &[Source]) -> Findings {
    let may = |file: &Source| ENGINE_FILES.iter().any(|name| file.path == format!("crates/store/src/{name}"));
    let rooms = rust(files).filter(|file| file.path.starts_with("crates/") && !may(file));
    let variants = ["::Sqlite(", "::Postgres("];
    let matches = |line: &str| !is_comment(line) && variants.iter().any(|variant| line.contains(variant));
    lines(rooms, matches, "only connect, migrate, begin and backup ask for the engine")
}

fn migrations_in_step(files: &[Source]) -> Findings {
    let of = |engine: &str| -> BTreeSet<&str> {
        let inside =
            files.iter().filter_map(|file| file.path.strip_prefix("migrations/")?.strip_prefix(engine));
        inside.collect()
    };
    let (sqlite, postgres) = (of("sqlite/"), of("postgres/"));
    let alone = sqlite.symmetric_difference(&postgres);
    alone.map(|path| format!("migrations/*/{path}: one engine has it, the other has not")).collect()
}

fn no_claims(files: &[Source]) -> Findings {
    let prose = [".md", ".html", ".txt", ".toml"];
    let read = files.iter().filter(|file| prose.iter().any(|end| file.path.ends_with(end)));
    let claims = |line: &str| CLAIMS.iter().any(|word| has_word(&line.to_lowercase(), word));
    lines(read, claims, "claims what only others can judge")
}

fn crates_are_described(files: &[Source]) -> Findings {
    let text = text_of(files, "docs/ARCHITECTURE.md");
    let inside = files.iter().filter_map(|file| file.path.strip_prefix("crates/"));
    let crates: BTreeSet<&str> = inside.filter_map(|path| path.strip_suffix("/Cargo.toml")).collect();
    let described =
        |name: &str| text.contains(&format!("`{name}`")) || text.contains(&format!("crates/{name}"));
    let missing = crates.into_iter().filter(|name| !described(name));
    missing.map(|name| format!("docs/ARCHITECTURE.md: does not name `{name}`")).collect()
}

fn version_is_in_the_changelog(files: &[Source]) -> Findings {
    let manifest = text_of(files, "Cargo.toml");
    let versions = manifest.lines().filter_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let headings: Vec<&str> =
        text_of(files, "CHANGELOG.md").lines().filter(|line| line.starts_with("## ")).collect();
    let missing = versions.filter(|version| !headings.iter().any(|heading| has_word(heading, version)));
    missing.map(|version| format!("CHANGELOG.md: has no entry for {version}")).collect()
}

fn clean_line_ends(files: &[Source]) -> Findings {
    let ends = [".rs", ".md", ".toml", ".sql", ".html"];
    let text = files.iter().filter(|file| ends.iter().any(|end| file.path.ends_with(end)));
    lines(text, |line| line.ends_with([' ', '\t', '\r']), "white space at the end")
}

fn rust(files: &[Source]) -> impl Iterator<Item = &Source> {
    files.iter().filter(|file| file.path.ends_with(".rs"))
}

fn text_of<'a>(files: &'a [Source], path: &str) -> &'a str {
    files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
}

/// The lines that are wrong.
fn lines<'a>(files: impl Iterator<Item = &'a Source>, wrong: impl Fn(&str) -> bool, what: &str) -> Findings {
    let mut findings = Findings::new();
    for file in files {
        let numbered = file.text.split('\n').enumerate();
        findings.extend(numbered.filter(|(_, line)| wrong(line)).map(|(index, _)| at(file, index, what)));
    }
    findings
}

fn at(file: &Source, index: usize, what: &str) -> String {
    format!("{}:{}: {what}", file.path, index + 1)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Whether the word stands there on its own, not as a part of another.
fn has_word(line: &str, word: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word)
        .any(|(start, _)| !line[..start].ends_with(part) && !line[start + word.len()..].starts_with(part))
}
