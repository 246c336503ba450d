//! The end: every place is closed by two signatures, and what is left of the kits is destroyed by two more.

use serde_json::{Value, json};

use super::Replay;
use super::supply::fingerprint;
use crate::client::{ClientError, rows_at, text_at};
use crate::commands::Failure;

impl Replay {
    /// Closes the site and the depot, two weeks after the last kits came back.
    ///
    /// # Errors
    /// What the server answered instead of doing it.
    pub fn close(&mut self) -> Result<(), Failure> {
        let week = self.calendar.end() + 2;
        self.begin_week(week, &["depot", "pharmacist", "monitor", "quality"])?;
        let (site, depot) = (self.site().to_owned(), self.depot().to_owned());
        self.close_place("pharmacist", "site", &site)?;
        self.close_place("depot", "depot", &depot)?;
        Ok(())
    }

    /// A place that cannot be closed stays as it is, and the report says why.
    fn close_place(&mut self, signer: &str, field: &str, place: &str) -> Result<(), ClientError> {
        let lost = self.lost()?;
        let path = self.cast.path("/kit-reconciliations");
        let order = json!({ field: place, "closing": true });
        let signed = match self.cast.act(signer, Some("sign_kit_reconciliation"), &path, &order) {
            Err(ClientError::Unexpected { status: 409, body, .. }) => {
                let problem: Value = serde_json::from_str(&body).unwrap_or_default();
                self.happened.not_closed.push(format!("{place}: {}", text_at(&problem, "/detail")));
                return Ok(());
            }
            signed => signed?,
        };
        let id = text_at(&signed, "/kit_reconciliation/id");
        let path = format!("{path}/{id}/confirmation");
        self.cast.act("monitor", Some("confirm_kit_reconciliation"), &path, &json!({}))?;
        self.happened.closed += 1;
        // Nobody can destroy what is lost; it ends with the reconciliation.
        let kits = rows_at(&signed, "/kit_reconciliation/kits").iter().filter(|kit| !lost.contains(kit));
        self.destroy(signer, &json!({ field: place, "kits": kits.collect::<Vec<_>>() }))
    }

    fn destroy(&self, signer: &str, proposal: &Value) -> Result<(), ClientError> {
        let path = self.cast.path("/destructions");
        let proposed = self.cast.act(signer, Some("propose_destruction"), &path, proposal)?;
        let id = text_at(&proposed, "/destruction/id");
        let certificate = json!({ "certificate_sha256": fingerprint(&format!("certificate of {id}")) });
        let path = format!("{path}/{id}/authorization");
        self.cast.act("quality", Some("authorize_destruction"), &path, &certificate).map(drop)
    }

    fn lost(&self) -> Result<Vec<Value>, ClientError> {
        let answer = self.cast.ask("monitor", &self.cast.path("/kits?state=lost"))?;
        Ok(rows_at(&answer, "/kits").iter().filter_map(|kit| kit.get("number").cloned()).collect())
    }
}
