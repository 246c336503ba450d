//! `GET, POST /studies/{study}/supply/batches/new`: a batch is registered, with its true lots.

use actix_web::web::{Data, Path};
use service::Shared;
use service::kits::register;
use service::study;
use terms::Moment;
use trial::Action;

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::kits::Register;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::admitted;
use crate::pages::visitor::{Standing, Visitor};

/// What the page knows of the study.
struct Known {
    at: Standing,
    now: Moment,
    /// As many kit types as there are arms, at most.
    kit_types: usize,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    known.page().form(known.form()).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    let ordered = Ordered::at(&known.at, Action::RegisterKits, "/kits");
    let page = |form| known.page().form(form);
    let done = sent.acted(&service, known.form(), &ordered, page, |service, envelope, body: Register| {
        register::register(service, envelope, body.into_command()?)
    });
    match done.await {
        Ok(new) => {
            go_on_having(&known.at.address(format_args!("/supply/batches/{}", new.batch)), "registered")
        }
        Err(answer) => answer,
    }
}

async fn load(service: &Data<Shared>, study: &str, visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, study).await?;
    let now = admitted(service, &at, Action::RegisterKits).await?;
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    let overview = run(move || study::find(&service, &caller, &study)).await?;
    Ok(Known { at, now, kit_types: overview.design.arms.len() })
}

impl Known {
    fn page(&self) -> Page {
        let words = self.at.words();
        Page::unblinded(&self.at, self.now, words.say("register.title")).text(words.say("register.what"))
    }

    fn form(&self) -> Form {
        let words = self.at.words();
        let head = [
            Field::new("batch", words.say("register.batch"), Kind::Text)
                .hint(words.say("register.batch_hint")),
            Field::new("label_expiry", words.say("kit.label_expiry"), Kind::Day)
                .hint(words.say("register.expiry_hint")),
        ];
        let contents = (0..self.kit_types).flat_map(|at| self.contents(at));
        let fields = head.into_iter().chain(contents).collect();
        Form::of(&self.at.visitor, fields, words.say("register.button"))
    }

    /// The fields of one kit type.
    fn contents(&self, at: usize) -> [Field; 5] {
        let words = self.at.words();
        let label = |word| words.fill(word, &[("n", &(at + 1))]);
        let field = |name: &str, word, kind| Field::new(format!("contents.{at}.{name}"), label(word), kind);
        [
            field("kit_type", "register.kit_type", Kind::Text).hint(words.say("register.kit_type_hint")),
            field("kits", "register.kits", Kind::Number),
            field("lot", "register.lot", Kind::Text),
            field("expiry", "register.expiry", Kind::Day),
            field("visible", "register.visible", Kind::Pairs)
                .hint(words.say("register.visible_hint"))
                .optional(),
        ]
    }
}
