//! `GET /studies/{study}/statistics/predictability`: how well the next arm can be guessed, exactly.

use actix_web::web::{Data, Path};
use service::Shared;
use service::predictability::{self, Figure, Of, Predictability};
use trial::Action;

use crate::answer::{Answer, run};
use crate::pages::page::{Page, Part};
use crate::pages::recorded::{is_asked_for, page, to_read_unblinded};
use crate::pages::visitor::{Standing, Visitor};
use crate::words::Words;

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at_to(&service, &path, Action::ReadBlockSizes).await?;
    let (caller, study, words) = (at.caller(), at.study(), at.words());
    if !is_asked_for(&at) {
        return to_read_unblinded(&at, words.say("predictability.title"), "predictability.what").answer();
    }
    let read = run(move || predictability::predictability(&service, &caller, &study)).await?;
    let page = page(&at, words.say("predictability.title")).text(words.say("predictability.what"));
    match read {
        Some(read) => figures(&at, page, &read).answer(),
        None => page.part(Part::Warning(words.say("predictability.too_large").to_owned())).answer(),
    }
}

fn figures(at: &Standing, page: Page, read: &Predictability) -> Page {
    let words = at.words();
    let listed = |numbers: &[u32], between: &str| {
        numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
    };
    let design = Part::facts(
        words,
        [
            ("predictability.ratio", listed(&read.ratio, " : ")),
            ("predictability.sizes", listed(&read.sizes, ", ")),
        ],
    );
    let warning = words.say("predictability.smallest").to_owned();
    let warning = read.is_fixed_smallest.then_some(Part::Warning(warning));
    let subjects = read.subjects;
    let group = |(of, figures): &(Of, Vec<Figure>)| {
        let figures = figures.iter().map(|figure| shown(words, figure)).collect();
        [Part::Heading(title(words, *of, subjects)), Part::Facts(figures)]
    };
    page.part(design)
        .text(words.say("predictability.figures"))
        .parts(warning)
        .parts(read.groups.iter().flat_map(group))
}

fn shown(words: Words, figure: &Figure) -> (String, String) {
    let exact = figure.exact.as_ref().map(|exact| format!(" ({exact})")).unwrap_or_default();
    (words.code("figure", figure.name), format!("{}{exact}", figure.decimal))
}

fn title(words: Words, of: Of, subjects: u32) -> String {
    match of {
        Of::Block(size) => words.fill("predictability.block", &[("size", &size)]),
        Of::FirstInBlocks(size) => {
            words.fill("predictability.first_in_blocks", &[("n", &subjects), ("size", &size)])
        }
        Of::LongRun => words.say("predictability.long_run").to_owned(),
        Of::FirstInAllSizes => words.fill("predictability.first_in_all", &[("n", &subjects)]),
    }
}
