//! Taking out of a recording what two worlds may differ in.

/// Hashes and commitments in hexadecimal, roots and signatures in base64: each is replaced by as many marks.
/// The ends of lines within a JSON text become such, or their letter would belong to what follows.
pub(super) fn hashes(text: &str) -> String {
    runs(&text.replace("\\n", "\n"), |run| is_hash(run) || is_note(run))
}

/// The same, and the numbers of kits.
pub(super) fn hashes_and_kits(text: &str) -> String {
    let is_kit = |run: &str| run.len() == 10 && run.bytes().all(|byte| byte.is_ascii_digit());
    in_addresses(&grouped(&runs(&hashes(text), is_kit)))
}

/// The text without numbers of kits in addresses: what stands before them there belongs to base64, or is an encoded
/// stroke.
fn in_addresses(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        masked.push_str(before);
        masked.push_str(&if end == 10 { "#".repeat(10) } else { number.to_owned() });
        rest = after;
    }
    masked + rest
}

/// The text without numbers of kits in the groups in which a page shows them.
fn grouped(text: &str) -> String {
    let shape = |letter: char| match letter {
        '0'..='9' => '0',
        // What keeps a number on one line.
        '\u{a0}' => ' ',
        other => other,
    };
    let letters: Vec<char> = text.chars().collect();
    let (mut masked, mut at) = (String::with_capacity(text.len()), 0);
    while at < letters.len() {
        let groups: String = letters.iter().skip(at).take(12).copied().map(shape).collect();
        if groups == "0000 000 000" {
            masked.push_str("#### ### ###");
            at += 12;
        } else {
            masked.push(letters[at]);
            at += 1;
        }
    }
    masked
}

fn is_hash(run: &str) -> bool {
    run.len() == 64 && run.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A root is 32 bytes; a signature with the name of its key 68.
fn is_note(run: &str) -> bool {
    (run.len() == 44 && run.ends_with('=')) || (run.len() == 92 && run.ends_with('='))
}

/// The text with every run of the characters of base64 that is named replaced by as many marks.
fn runs(text: &str, is_masked: impl Fn(&str) -> bool) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=');
        let run = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(run);
        masked.push_str(&if is_masked(run) { "#".repeat(run.len()) } else { run.to_owned() });
        let other = after.find(is_part).unwrap_or(after.len());
        let (other, after) = after.split_at(other);
        masked.push_str(other);
        rest = after;
    }
    masked
}

#[test]
fn hashes_and_kit_numbers_are_masked_and_nothing_else() {
    let (hash, root, marks) = ("0f".repeat(32), format!("{}=", "A".repeat(43)), |count| "#".repeat(count));
    let text = |kit: &str, hash: &str, root: &str| {
        format!("{{\"kit\":\"{kit}\",\"hash\":\"{hash}\"}}\n{root}\nS-001 2015-10-05T08:00:00Z")
    };
    let given = text("7955171567", &hash, &root);
    assert_eq!(hashes(&given), text("7955171567", &marks(64), &marks(44)));
    assert_eq!(hashes_and_kits(&given), text(&marks(10), &marks(64), &marks(44)));
    let page = |kit: &str| format!("<strong>{kit}</strong> 2015-10-05 08:00");
    assert_eq!(hashes_and_kits(&page("7955 171 567")), page("#### ### ###"));
    assert_eq!(hashes_and_kits(&page("7955\u{a0}171\u{a0}567")), page("#### ### ###"));
    let link = |kit: &str| format!("<a href=\"/studies/imodals/kits/{kit}/return\">");
    assert_eq!(hashes_and_kits(&link("7955171567")), link(&marks(10)));
    assert_eq!(hashes_and_kits(&link("%2F7955171567")), link(&format!("%2F{}", marks(10))));
    assert_eq!(hashes_and_kits(&link("set-aside/12345678901")), link("set-aside/12345678901"));
    assert_eq!(hashes_and_kits(&page("7955 171 56")), page("7955 171 56"));
    assert_eq!(hashes(&format!("\"iwrs\\n{root}\\n\"")), format!("\"iwrs\n{}\n\"", marks(44)));
}
