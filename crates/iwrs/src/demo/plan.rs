//! What the demo adds to the study: `config/demo.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::commands::Failure;

/// The demo's own rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The one site.
    pub site: Site,
    /// The depot from which the replay supplies it.
    pub depot: Depot,
    /// People for every role.
    pub people: Vec<Person>,
    /// Who is sent notices.
    pub notices: Notices,
    /// The one batch of kits.
    pub batch: Batch,
}

/// The site.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub time_zone: String,
    /// Its country.
    pub country: String,
}

/// The depot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depot {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: String,
    /// How many kits of every type come to it: whole groups.
    pub kits_per_type: u32,
}

/// Somebody with one role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The log-in name.
    pub login: String,
    /// The name to show.
    pub name: String,
    /// The code of the role.
    pub role: String,
    /// The address.
    pub mail: String,
}

/// Recipients of notices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notices {
    /// Blinded ones.
    pub blinded: Vec<String>,
    /// Unblinded ones.
    pub unblinded: Vec<String>,
    /// Those who keep checkpoints outside the operator's own mail.
    pub checkpoints: Vec<String>,
}

/// The batch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Its id.
    pub id: String,
    /// The last day of use on the label.
    pub label_expiry: String,
    /// How many kits of every type.
    pub kits_per_type: u32,
    /// The id of a further batch, which is on its way to the site when the demo is served.
    pub next: String,
    /// What can be seen of every kit from outside.
    pub visible: BTreeMap<String, String>,
    /// The true lots, in the order of the kit types.
    pub lots: Vec<Lot>,
}

/// A true lot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    /// Its number.
    pub lot: String,
    /// Its expiry.
    pub expiry: String,
}

/// The files of the demo, read.
#[derive(Clone, Debug)]
pub struct Files {
    /// The public design.
    pub design: String,
    /// The sealed design.
    pub sealed: String,
    /// The demo's own rows.
    pub plan: Plan,
}

impl Files {
    /// Reads the files of the demo from the folder of the configuration.
    ///
    /// # Errors
    /// One line that names the file.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).map_err(|source| Failure::File { path, source })
        };
        let plan = toml::from_str(&read("demo.toml")?).map_err(crate::wiring::refused)?;
        Ok(Self { design: read("imodals.toml")?, sealed: read("imodals.sealed.toml")?, plan })
    }
}
