//! The design in words, for whoever has to sign it.

use super::supply::weekday_name;
use super::{AfterUnblinding, Anchor, Regime, StudyDesign, Treatment, Visit};

impl StudyDesign {
    /// The design in words, a paragraph for each part, with the numbers of the assumptions behind what is assumed
    /// and the assumptions themselves at the end.
    pub fn describe(&self) -> String {
        let mut page = Page { design: self, text: String::new() };
        page.head();
        page.arms();
        page.allocation();
        page.schedule();
        page.supply();
        page.preparations();
        page.alerts();
        page.label();
        page.criteria();
        page.blinding();
        page.translations();
        page.assumptions();
        page.text
    }
}

struct Page<'d> {
    design: &'d StudyDesign,
    text: String,
}

impl Page<'_> {
    /// A line about the setting at `path`, marked when that is assumed.
    fn line(&mut self, path: &str, words: &str) {
        self.text.push_str(words);
        for (i, assumption) in self.design.assumptions.iter().enumerate() {
            if assumption.path == path {
                self.text.push_str(&format!(" [assumed: {}]", i + 1));
            }
        }
        self.text.push('\n');
    }

    fn heading(&mut self, path: &str, words: &str) {
        self.text.push('\n');
        self.line(path, words);
    }

    fn head(&mut self) {
        let design = self.design;
        self.line("study", &format!("Study {}: {}", design.id, design.title));
        self.line("", &format!("SHA-256 of the file: {}", design.fingerprint()));
        self.line("study.sponsor", &format!("Sponsor: {}", design.sponsor));
        self.line("study.regime", &format!("Law: {}", law(design.regime)));
        for registration in &design.registrations {
            self.line("", &format!("{}: {}", registration.registry, registration.number));
        }
    }

    fn arms(&mut self) {
        let ratio: Vec<String> = self.design.arms.iter().map(|arm| arm.ratio.to_string()).collect();
        self.heading("arms", &format!("Arms, in the ratio {}", ratio.join(":")));
        for (i, arm) in self.design.arms.iter().enumerate() {
            let words = format!("  {}: {}, {}, {}", arm.name, arm.substance, arm.dose, arm.schedule);
            self.line(&format!("arms[{i}]"), &words);
        }
    }

    fn allocation(&mut self) {
        let allocation = &self.design.allocation;
        self.heading("allocation", "Allocation");
        self.line("allocation.method", "  permuted blocks; their sizes are part of the sealed design");
        self.line("allocation.target", &format!("  {} subjects are wanted", allocation.target));
        self.line("allocation.cap", &format!("  never more than {} are randomized", allocation.cap));
        if let Some(days) = allocation.enrolment_days {
            let words = format!("  all of them within {days} days from the first subject, by the plan");
            self.line("allocation.enrolment_days", &words);
        }
        let length = format!("  at least {} positions for each stratum", allocation.list_length);
        self.line("allocation.list_length", &length);
        let strata = self.design.strata();
        match strata.as_slice() {
            [_only] => self.line("allocation.strata", "  no stratification"),
            several => self.line("allocation.strata", &format!("  {} strata", several.len())),
        }
        for (i, levels) in strata.iter().enumerate().filter(|(_, levels)| !levels.is_empty()) {
            self.line("", &format!("    {i}: {}", levels.join(", ")));
        }
    }

    fn schedule(&mut self) {
        let design = self.design;
        let schedule = design.schedule;
        self.heading("schedule", &format!("Schedule of {} courses", design.courses.len()));
        let anchor = match schedule.anchor {
            Anchor::FirstDose => "  later visits are planned from day 1",
            Anchor::PreviousCourse => "  later visits are planned from the course before",
        };
        self.line("schedule.anchor", anchor);
        let minimum = format!("  at least {} days between courses", schedule.minimum_days_between_courses);
        self.line("schedule.minimum_days_between_courses", &minimum);
        let after = match schedule.after_unblinding {
            AfterUnblinding::Continues => "  after a code break the subject continues",
            AfterUnblinding::StopsTreatment => "  after a code break nothing more is handed out",
        };
        self.line("schedule.after_unblinding", after);
        self.heading("courses", "Courses");
        for course in &design.courses {
            let days = course.dosing_days;
            self.line("", &format!("  {}: from day {}, doses on {days} days", course.number, course.day));
        }
        self.heading("visits", "Visits");
        for (i, visit) in design.visits.iter().enumerate() {
            self.line(&format!("visits[{i}]"), &visit_words(visit));
        }
    }

    fn supply(&mut self) {
        let supply = self.design.supply;
        self.heading("supply", "Supply");
        let (kits, vials) = (supply.kits_per_course, supply.vials_per_kit);
        self.line("supply.kits_per_course", &format!("  {kits} kit(s) for a course"));
        self.line("supply.vials_per_kit", &format!("  {vials} vial(s) in a kit"));
        let margin = supply.expiry_margin_days;
        let words = format!("  in date through the last dosing day covered and {margin} day(s) more");
        self.line("supply.expiry_margin_days", &words);
        let words = format!("  kits due within {} days are kept for subjects in treatment", supply.lead_days);
        self.line("supply.lead_days", &words);
        let words = format!("  the next expiry tier opens under {} kits", supply.tier_minimum);
        self.line("supply.tier_minimum", &words);
        self.resupply();
    }

    fn resupply(&mut self) {
        let supply = self.design.supply;
        let words = format!("  resupply is planned every {}", weekday_name(supply.order_weekday));
        self.line("supply.order_weekday", &words);
        let words = format!("  only whole groups of {} kits of every type are sent", supply.group_size);
        self.line("supply.group_size", &words);
        let words = format!("  {} kits of every type are kept over those due", supply.buffer_kits);
        self.line("supply.buffer_kits", &words);
        let words = format!("  a plan looks {} days ahead", supply.horizon_days);
        self.line("supply.horizon_days", &words);
        let words = format!("  kits with under {} days left do not count", supply.do_not_count_days);
        self.line("supply.do_not_count_days", &words);
        let words =
            format!("  kits with under {} days left on arrival are not sent", supply.do_not_ship_days);
        self.line("supply.do_not_ship_days", &words);
        let limit = supply.replacements_per_subject;
        let words = format!("  {limit} kit(s) of a subject are replaced without an explanation");
        self.line("supply.replacements_per_subject", &words);
        let words =
            if supply.second_person { "  a second person scans" } else { "  nobody else has to scan" };
        self.line("supply.second_person", &format!("{words} a kit before it is handed over"));
        let words = format!("  {} kits of a packed batch are opened and checked", supply.sample_kits);
        self.line("supply.sample_kits", &words);
    }

    fn preparations(&mut self) {
        if self.design.preparations.is_empty() {
            self.heading("preparations", "Nothing is prepared on site");
            return;
        }
        self.heading("preparations", "Prepared on site, the same for every kit type");
        for (i, preparation) in self.design.preparations.iter().enumerate() {
            let words = format!("  {}: to be used within {} hours", preparation.id, preparation.hours);
            self.line(&format!("preparations[{i}]"), &words);
        }
    }

    fn alerts(&mut self) {
        let alerts = self.design.alerts;
        self.heading("alerts", "Alerts");
        let words = format!("  stock is low with under {} kits over those due", alerts.low_stock_kits);
        self.line("alerts.low_stock_kits", &words);
        let words = format!("  an expiry is near with {} days or fewer left", alerts.expiry_horizon_days);
        self.line("alerts.expiry_horizon_days", &words);
        let words = format!("  a receipt is awaited for {} days", alerts.overdue_receipt_days);
        self.line("alerts.overdue_receipt_days", &words);
        let words = format!("  a quarantine is old after {} days", alerts.old_quarantine_days);
        self.line("alerts.old_quarantine_days", &words);
        let words = format!("  a list is near its end with {} positions left", alerts.list_positions);
        self.line("alerts.list_positions", &words);
    }

    fn label(&mut self) {
        let Some(label) = &self.design.label else {
            self.heading("label", "No labels: kits of this design get none from the service");
            return;
        };
        self.heading("label", "Labels, the same for every kit type");
        let gtin = label.gtin.map_or("  no GTIN: the code is the kit number alone".to_owned(), |gtin| {
            format!("  GTIN {gtin}; the code holds batch, label expiry and kit number, too")
        });
        self.line("label.gtin", &gtin);
        for (i, (language, words)) in label.languages.iter().enumerate() {
            self.line(&format!("label.languages[{i}]"), &format!("  in {language}"));
            for (field, text) in words.texts() {
                self.line(&format!("label.languages[{i}].{field}"), &format!("    {field}: {text}"));
            }
        }
    }

    fn criteria(&mut self) {
        self.heading(
            "criteria",
            &format!("Criteria ({}), true for an eligible subject", self.design.criteria.len()),
        );
        for criterion in &self.design.criteria {
            let other = if criterion.not_applicable { " (or not applicable)" } else { "" };
            let held = if criterion.age.is_some() { " (held against the year of birth)" } else { "" };
            self.line("", &format!("  {}: {}{other}{held}", criterion.id, criterion.text));
        }
    }

    fn blinding(&mut self) {
        self.heading("blinding", "Blinding");
        for (i, row) in self.design.blinding.iter().enumerate() {
            let treatment = match row.treatment {
                Treatment::Blinded => "blinded",
                Treatment::Unblinded => "UNBLINDED",
            };
            let words = format!("  {}: {treatment}; {}", row.role, row.purpose);
            self.line(&format!("blinding[{i}]"), &words);
        }
    }

    fn translations(&mut self) {
        for (language, texts) in self.design.translations.languages() {
            self.heading(&format!("translations.{language}"), &format!("In {language}"));
            for (text, translation) in texts {
                self.line("", &format!("  {text}: {translation}"));
            }
        }
    }

    fn assumptions(&mut self) {
        if self.design.assumptions.is_empty() {
            return;
        }
        self.heading("assumptions", "ASSUMPTIONS: no known facts of the trial");
        for (i, assumption) in self.design.assumptions.iter().enumerate() {
            let words =
                format!("  {}. {}: {} ({})", i + 1, assumption.path, assumption.text, assumption.source);
            self.line("", &words);
        }
    }
}

fn law(regime: Regime) -> &'static str {
    match regime {
        Regime::Directive => "Directive 2001/20/EC",
        Regime::Regulation => "Regulation (EU) No 536/2014",
        Regime::UnitedKingdom => "Clinical Trials Regulations 2004 (United Kingdom)",
    }
}

fn visit_words(visit: &Visit) -> String {
    let (before, after) = (visit.before, visit.after);
    let window = format!("  {}: day {}, -{before}/+{after} days", visit.id, visit.day);
    let Some(dispensing) = &visit.dispensing else { return window };
    let courses: Vec<String> = dispensing.courses.iter().map(u32::to_string).collect();
    format!("{window}; hands out {} kit(s) for course {}", dispensing.kits, courses.join(", "))
}
