//! The way of the kits: out of the sponsor's stock into the depot, and from there to the site by weekly orders.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Replay;
use crate::client::{ClientError, rows_at, text_at};

/// Of the shipments to the site this one, counted from 0, was too warm on its way.
const TOO_WARM: u32 = 1;

/// A shipment on its way.
pub(super) struct Sent {
    id: String,
    arrives: i64,
    /// Who receives it: the depot, or the site's pharmacist.
    by: &'static str,
}

impl Replay {
    /// All kits leave for the depot, in whole groups.
    pub(super) fn fill_depot(&mut self) -> Result<(), ClientError> {
        let kits = self.files.plan.depot.kits_per_type;
        let groups = kits.checked_div(self.design.supply.group_size).unwrap_or(0);
        let request = json!({ "to_depot": self.depot(), "groups": groups });
        let picked = self.cast.act("depot", None, &self.cast.path("/shipments"), &request)?;
        let id = text_at(&picked, "/shipment/id").to_owned();
        self.dispatch(id, self.calendar.opening(), "depot")
    }

    /// The depot has the week's order planned, and what is picked for it leaves.
    pub(super) fn order(&mut self, week: i64) -> Result<(), ClientError> {
        let order = json!({ "site": self.site(), "from_depot": self.depot() });
        let answer = self.cast.act("depot", None, &self.cast.path("/resupply-plans"), &order);
        let Some(planned) = self.unless_short(answer)? else { return Ok(()) };
        match text_at(&planned, "/resupply_plan/shipment") {
            "" => Ok(()),
            id => self.dispatch(id.to_owned(), week, "pharmacist"),
        }
    }

    /// Each kit is scanned as it is packed.
    fn dispatch(&mut self, id: String, week: i64, by: &'static str) -> Result<(), ClientError> {
        let kits = json!({ "kits": self.kits_of(&id)? });
        self.cast.act("depot", None, &self.cast.path(&format!("/shipments/{id}/dispatch")), &kits)?;
        self.on_the_way.push(Sent { id, arrives: self.calendar.arrival(week), by });
        Ok(())
    }

    /// What arrives in this week is unpacked, with the record of its temperature. After an excursion the quality role
    /// decides about all of it before any kit can be used.
    pub(super) fn receive(&mut self, week: i64) -> Result<(), ClientError> {
        for Sent { id, by, .. } in
            self.on_the_way.extract_if(.., |sent| sent.arrives <= week).collect::<Vec<_>>()
        {
            let is_for_site = by == "pharmacist";
            let excursion = is_for_site && self.arrived == TOO_WARM;
            let receipt = json!({
                "received": self.kits_of(&id)?, "missing": [], "damaged": [], "excursion": excursion,
                "temperature_record_sha256": fingerprint(&format!("temperatures of {id}, minute by minute")),
            });
            self.cast.act(by, None, &self.cast.path(&format!("/shipments/{id}/receipt")), &receipt)?;
            self.arrived += u32::from(is_for_site);
            if excursion {
                self.release_from_quarantine(&id)?;
            }
        }
        Ok(())
    }

    fn release_from_quarantine(&mut self, shipment: &str) -> Result<(), ClientError> {
        self.cast.log_in_again(&["quality"])?;
        let decision = json!({
            "shipment": shipment, "disposition": "release",
            "evidence_sha256": fingerprint("stability: two hours at 12 C"),
            "reason": "two hours at 12 C are within the data on stability",
        });
        let path = self.cast.path("/quarantine-decisions");
        self.cast.act("quality", Some("decide_quarantine"), &path, &decision).map(drop)
    }

    fn kits_of(&self, shipment: &str) -> Result<Vec<Value>, ClientError> {
        let answer = self.cast.ask("depot", &self.cast.path(&format!("/shipments/{shipment}")))?;
        Ok(rows_at(&answer, "/shipment/kits").to_vec())
    }
}

/// The SHA-256 of a document that stays outside.
pub(super) fn fingerprint(document: &str) -> String {
    hex::encode(Sha256::digest(document))
}
