//! An assessment in words, and as JSON with every figure exact.

use std::fmt::Write;

use allocator::BlockDesign;
use allocator::predictability::{Assessment, Figure, Fixed, Mixed, decimal};
use num_rational::BigRational;
use serde_json::{Map, Value, json};

/// The digits after the point of every decimal number.
const PLACES: u8 = 6;

/// The longest fraction that is printed in words; longer ones stand in the JSON.
const LONGEST_FRACTION: usize = 40;

pub(super) fn as_json(design: &BlockDesign, assessment: &Assessment) -> Value {
    let fixed = |fixed: &Fixed| {
        let (block, first_n) = (object(fixed.block.figures()), object(fixed.first_n.figures()));
        json!({ "size": fixed.size, "block": block, "first_n": first_n })
    };
    let mixed = |mixed: &Mixed| {
        let (long_run, first_n) = (object(mixed.long_run.figures()), object(mixed.first_n.figures()));
        json!({ "long_run": long_run, "first_n": first_n })
    };
    json!({
        "ratio": design.ratio(),
        "sizes": design.sizes(),
        "subjects": assessment.subjects,
        "fixed": assessment.fixed.iter().map(fixed).collect::<Vec<_>>(),
        "mixed": assessment.mixed.as_ref().map(mixed),
        "one_block": match &assessment.one_block {
            Ok(facts) => object(facts.figures()),
            Err(reason) => json!({ "not_assessed": reason.to_string() }),
        },
        "warnings": warning(design, assessment).into_iter().collect::<Vec<_>>(),
    })
}

pub(super) fn in_words(design: &BlockDesign, assessment: &Assessment) -> String {
    let subjects = assessment.subjects;
    let mut text = format!(
        "Ratio {}, block sizes {}, the first {subjects} subjects of a stratum.\n",
        listed(design.ratio(), ":"),
        listed(design.sizes(), ", "),
    );
    for fixed in &assessment.fixed {
        section(&mut text, &format!("One block of {}", fixed.size), &fixed.block.figures());
        let title = format!("The first {subjects} subjects in blocks of {}", fixed.size);
        section(&mut text, &title, &fixed.first_n.figures());
    }
    if let Some(mixed) = &assessment.mixed {
        section(&mut text, "All sizes with equal weight, in the long run", &mixed.long_run.figures());
        let title = format!("All sizes with equal weight, the first {subjects} subjects");
        section(&mut text, &title, &mixed.first_n.figures());
    }
    match &assessment.one_block {
        Ok(facts) => section(&mut text, &format!("All {subjects} subjects in one block"), &facts.figures()),
        Err(reason) => text.push_str(&format!("\nAll subjects in one block: {reason}.\n")),
    }
    if let Some(warning) = warning(design, assessment) {
        text.push_str(&format!("\nWarning: {warning}\n"));
    }
    text
}

/// SEQ-12: a fixed smallest block is warned of with its probability.
fn warning(design: &BlockDesign, assessment: &Assessment) -> Option<String> {
    let smallest = assessment.fixed.first().filter(|_| design.is_fixed_smallest())?;
    Some(format!(
        "every block is the smallest possible one ({}), so whoever knows this and the arms so far guesses {} \
         of all arms right and is certain of {}; choose a larger size, or several.",
        smallest.size,
        decimal(&smallest.block.correct_share, PLACES),
        decimal(&smallest.block.sizes_known.deterministic, PLACES),
    ))
}

fn object(figures: Vec<Figure>) -> Value {
    let exact =
        |number: &BigRational| json!({ "exact": number.to_string(), "decimal": decimal(number, PLACES) });
    let entries = figures.iter().map(|figure| (figure.name.to_owned(), exact(&figure.number)));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn section(text: &mut String, title: &str, figures: &[Figure]) {
    text.push_str(&format!("\n{title}\n"));
    for Figure { words, number, .. } in figures {
        text.push_str(&format!("  {words:<40}{}\n", figure(number)));
    }
}

/// A whole number as it is; a fraction as a decimal number, and exactly when that is not too long.
fn figure(number: &BigRational) -> String {
    let exact = number.to_string();
    if number.is_integer() {
        return exact;
    }
    let mut text = decimal(number, PLACES);
    if exact.len() <= LONGEST_FRACTION {
        // Writing into a string cannot fail.
        let _written = write!(text, "  ({exact})");
    }
    text
}

fn listed(numbers: &[u32], separator: &str) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::{as_json, in_words};
    use allocator::BlockDesign;
    use allocator::predictability::{Assessment, assess};
    use serde_json::{Value, json};

    fn of(sizes: &[u32], subjects: u32) -> (BlockDesign, Assessment) {
        let design = BlockDesign::new(&[1, 1, 1], sizes, &[1]).expect("a design");
        let assessment = assess(&design, subjects).expect("small");
        (design, assessment)
    }

    #[test]
    fn every_figure_is_exact_and_decimal() {
        let (design, assessment) = of(&[3, 6, 9], 36);
        let report = as_json(&design, &assessment);
        let table = [
            ("/fixed/0/block/correct_share", "11/18", "0.611111"),
            ("/fixed/1/first_n/correct_share", "101/180", "0.561111"),
            ("/fixed/1/first_n/lists", "531441000000", "531441000000.000000"),
            ("/fixed/2/block/correct_share", "4021/7560", "0.531878"),
            ("/mixed/long_run/correct_share", "8389/15120", "0.554828"),
            ("/mixed/first_n/correct_share", "104979371/191318760", "0.548714"),
            ("/one_block/expected_correct", "279717816089/17364544600", "16.108560"),
        ];
        for (path, exact, decimal) in table {
            assert_eq!(report.pointer(path), Some(&json!({ "exact": exact, "decimal": decimal })), "{path}");
        }
        assert_eq!(report.pointer("/sizes"), Some(&json!([3, 6, 9])));
    }

    #[test]
    fn seq_12_the_fixed_smallest_block_is_warned_of() {
        for (sizes, warned) in [(&[3][..], true), (&[6], false), (&[3, 6], false)] {
            let (design, assessment) = of(sizes, 35);
            let warnings =
                as_json(&design, &assessment).pointer("/warnings").and_then(Value::as_array).map(Vec::len);
            assert_eq!(warnings, Some(usize::from(warned)), "{sizes:?}");
            let text = in_words(&design, &assessment);
            assert_eq!(
                text.contains("Warning: every block is the smallest possible one (3)"),
                warned,
                "{sizes:?}"
            );
            assert!(text.contains("in one block: 35 subjects cannot be one block"), "{text}");
        }
    }

    #[test]
    fn words_give_the_fraction_beside_the_decimal() {
        let (design, assessment) = of(&[3, 6], 36);
        let text = in_words(&design, &assessment);
        assert!(
            text.starts_with("Ratio 1:1:1, block sizes 3, 6, the first 36 subjects of a stratum.\n"),
            "{text}"
        );
        assert!(text.contains("  share of correct guesses                0.561111  (101/180)\n"), "{text}");
        assert!(text.contains("  different lists                         2176782336\n"), "{text}");
    }
}
