//! `GET, POST /studies/{study}/subjects/{subject}/visits/{visit}`: when a visit took place, or a correction of that.

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects::{self, PlannedVisit, View};
use terms::VisitId;
use trial::{Action, Refusal};

use super::{once_more, window};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::visits::RecordVisit;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String, String)>;

/// What the page knows of the visit.
struct Known {
    at: Standing,
    view: View,
    planned: PlannedVisit,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    known.page().form(known.form()).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(known.form());
    if sent.is_resumed() {
        return known.page().form(form).answer();
    }
    if !sent.is_confirmed() {
        return match known.rehearse(&service, &form).await {
            Ok(in_window) => known.to_confirm(form, in_window).answer(),
            Err(problem) => sent.refused(|form| known.page().form(form), form, &problem),
        };
    }
    let subject = known.view.summary.id.clone();
    let ordered = Ordered::at(&known.at, Action::RecordVisit, format_args!("/subjects/{subject}/visits"));
    let id = subject.clone();
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: RecordVisit| {
        let visit = VisitId::parse(&body.visit).map_err(|bad| Refusal::field("visit", bad))?;
        subjects::record_visit(service, envelope, id, visit, body.date, body.correction_reason)
    });
    match done.await {
        Ok(recorded) => {
            let done = if recorded.in_window == Some(false) { "visit_outside" } else { "visit_recorded" };
            go_on_having(&known.at.address(format_args!("/subjects/{subject}")), done)
        }
        Err(problem) => sent.refused(|form| known.page().form(form), form, &problem),
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String, String),
    visitor: Visitor,
) -> Result<Known, Problem> {
    let at = visitor.at(service, &path.0).await?;
    let (caller, study, id, service) = (at.caller(), at.study(), named(&path.1)?, service.clone());
    let view = run(move || subjects::one(&service, &caller, &study, &id)).await?;
    let planned = view.visits.iter().find(|planned| planned.visit.as_str() == path.2).cloned();
    Ok(Known { planned: planned.ok_or(Refusal::NotFound)?, at, view })
}

impl Known {
    fn page(&self) -> Page {
        let (words, subject, visit) = (self.at.words(), &self.view.summary.id, &self.planned.visit);
        Page::of_study(&self.at, words.fill("record.of", &[("subject", subject), ("visit", visit)]))
            .part(Part::Facts(self.facts()))
    }

    /// What is planned, and what was recorded before.
    fn facts(&self) -> Vec<(String, String)> {
        let words = self.at.words();
        let mut facts = Vec::new();
        if let Some(days) = self.planned.days {
            facts.push(("visit.planned", days[0].to_string()));
            facts.push(("visit.window", window(words, days)));
        }
        if let Some(recorded) = &self.planned.recorded {
            let time = face::time(recorded.at, self.at.zone_of(&self.view.summary.site));
            let (day, by) = (&recorded.day, &recorded.by);
            let before = words.fill("record.before", &[("day", day), ("by", by), ("at", &time)]);
            facts.push(("visit.recorded", before));
        }
        facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).collect()
    }

    fn form(&self) -> Form {
        let words = self.at.words();
        let visit = Field::new("visit", "", Kind::Text).value(&self.planned.visit).hidden();
        let date = Field::new("date", words.say("record.date"), Kind::Day).value(self.view.today);
        let correction = Field::new("correction_reason", words.say("record.correction"), Kind::Text)
            .hint(words.say("record.correction_hint"));
        let correction = self.planned.recorded.is_some().then_some(correction);
        let fields = [visit, date].into_iter().chain(correction).collect();
        Form::of(&self.at.visitor, fields, words.say("record.check"))
    }

    /// Nobody reads once more what is going to be refused. Gives whether the day lies in the window.
    async fn rehearse(&self, service: &Data<Shared>, form: &Form) -> Result<Option<bool>, Problem> {
        let body = form.read::<RecordVisit>()?;
        let (service, caller, study) = (service.clone(), self.at.caller(), self.at.study());
        let (subject, visit) = (self.view.summary.id.clone(), self.planned.visit.clone());
        run(move || {
            let visit = (&visit, body.date, body.correction_reason.as_deref());
            subjects::rehearse_visit(&service, &caller, &study, &subject, visit)
        })
        .await
    }

    fn to_confirm(&self, form: Form, in_window: Option<bool>) -> Page {
        let words = self.at.words();
        let outside =
            (in_window == Some(false)).then(|| Part::Warning(words.say("record.outside").to_owned()));
        self.page().parts(outside).form(once_more(words, form, "record.button"))
    }
}
