//! `GET, POST /studies/{study}/subjects/{subject}/units`, `POST .../units/{unit}/disposal`,
//! `POST .../administrations`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::units::prepare::{self, Command};
use service::units::{Unit, discard, give, read};
use terms::{Moment, UnitNumber};
use trial::{Action, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// What was prepared on site, out of which kit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrepareUnits {
    /// The kit, as it was scanned.
    kit_number: String,
    /// One of the preparations that the design of the study names.
    #[schema(example = "reconstituted")]
    preparation: String,
    /// How many units; no more than vials of the kit are left.
    units: u32,
    /// When, with an offset; now when absent.
    #[schema(format = DateTime, example = "2015-10-05T10:30:00+02:00")]
    prepared_at: Option<String>,
}

/// A unit in the hand of whoever gives it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveUnit {
    /// Its number, as it was scanned.
    #[schema(example = "1234567889-1")]
    unit: String,
    /// When, with an offset; now when absent.
    #[schema(format = DateTime)]
    given_at: Option<String>,
}

/// Why a unit is thrown away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiscardUnit {
    /// At most 1024 bytes.
    pub(crate) reason: String,
}

/// A unit that was prepared. There is no field for what is in it.
#[derive(Serialize, ToSchema)]
pub(super) struct PreparedUnit {
    /// The number of the kit, and which of its units it is.
    unit: String,
    kit: String,
    subject: String,
    preparation: String,
    prepared_at: String,
    prepared_by: String,
    /// Until when it may be given; never after the label expiry of the kit.
    use_by: String,
    /// `prepared`, `past_limit`, `given` or `discarded`.
    #[schema(example = "prepared")]
    state: &'static str,
    /// When it was given or thrown away.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct UnitsBody {
    units: Vec<PreparedUnit>,
}

#[derive(Serialize, ToSchema)]
struct UnitBody {
    unit: PreparedUnit,
}

#[derive(Serialize, ToSchema)]
struct Administration {
    subject: String,
    unit: String,
    given_at: String,
    given_by: String,
}

#[derive(Serialize, ToSchema)]
struct AdministrationBody {
    administration: Administration,
}

/// Lists the units that were prepared for a subject.
#[utoipa::path(
    tag = "units",
    responses(
        (status = 200, description = "The units, in the order of their numbers.", body = UnitsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/subjects/{subject}/units")]
pub(super) async fn list(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, subject) = (named(&path.0)?, named(&path.1)?);
    let units = run(move || read::of_subject(&service, &caller, &study, &subject)).await?;
    ok(UnitsBody { units: units.into_iter().map(PreparedUnit::from).collect() })
}

/// Records units that were prepared on site out of a kit of the subject. A kit of somebody else stops, and is
/// recorded.
#[utoipa::path(
    tag = "units",
    request_body = PrepareUnits,
    responses(
        (status = 201, description = "These units may be given until their limit.", body = UnitsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/units")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<PrepareUnits>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::PrepareUnits)?;
    let command = body.into_command()?;
    match run(move || prepare::prepare(&service, envelope, subject, command)).await? {
        prepare::Outcome::Prepared(units) => {
            created(UnitsBody { units: units.into_iter().map(PreparedUnit::from).collect() })
        }
        prepare::Outcome::WrongKit => Err(Refusal::WrongUnit.into()),
    }
}

/// Gives a unit to its subject. One past its limit stops, and so does whatever is no unit of the subject; both are
/// recorded.
#[utoipa::path(
    tag = "units",
    request_body = GiveUnit,
    responses(
        (status = 201, description = "It is given.", body = AdministrationBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/administrations")]
pub(super) async fn administer(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<GiveUnit>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::GiveUnit)?;
    let (unit, at) = body.into_scan()?;
    match run(move || give::give(&service, envelope, subject, unit, at)).await? {
        give::Outcome::Given(given) => created(AdministrationBody { administration: given.into() }),
        give::Outcome::Late(unit) => Err(Refusal::UnitExpired(unit.to_string()).into()),
        give::Outcome::Wrong => Err(Refusal::WrongUnit.into()),
    }
}

/// Throws a unit away.
#[utoipa::path(
    tag = "units",
    request_body = DiscardUnit,
    responses(
        (status = 201, description = "It is thrown away.", body = UnitBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/units/{unit}/disposal")]
pub(super) async fn dispose(
    service: Data<Shared>,
    path: Path<(String, String, String)>,
    Asks(caller): Asks,
    posted: Posted<DiscardUnit>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::DiscardUnit)?;
    let unit: UnitNumber = path.2.parse().map_err(|_malformed| Refusal::NotFound)?;
    let discarded = run(move || discard::discard(&service, envelope, subject, unit, body.reason)).await?;
    created(UnitBody { unit: discarded.into() })
}

fn moment(field: &str, text: Option<String>) -> Result<Option<Moment>, Refusal> {
    let read = |text: String| {
        let why = "must be an instant with an offset, such as 2015-10-05T10:30:00+02:00";
        Moment::parse(&text).ok_or_else(|| Refusal::field(field, why))
    };
    text.map(read).transpose()
}

impl PrepareUnits {
    pub(crate) fn into_command(self) -> Result<Command, Refusal> {
        let Self { kit_number: kit, preparation, units, prepared_at } = self;
        Ok(Command { kit, preparation, units, at: moment("prepared_at", prepared_at)? })
    }
}

impl GiveUnit {
    pub(crate) fn into_scan(self) -> Result<(String, Option<Moment>), Refusal> {
        Ok((self.unit, moment("given_at", self.given_at)?))
    }
}

impl PreparedUnit {
    /// As it is printed in the log of its kit, which names kit and subject already.
    pub(super) fn cells(&self) -> [String; 8] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            self.unit.clone(),
            self.preparation.clone(),
            self.prepared_at.clone(),
            self.prepared_by.clone(),
            self.use_by.clone(),
            self.state.to_owned(),
            text(&self.ended_at),
            text(&self.ended_by),
        ]
    }
}

impl From<Unit> for PreparedUnit {
    fn from(unit: Unit) -> Self {
        let state = match &unit.end {
            Some((became, ..)) => became.into(),
            None if unit.is_late => "past_limit",
            None => "prepared",
        };
        let (ended_by, ended_at) = unit.end.map(|(_, by, at)| (by.to_string(), at.to_string())).unzip();
        Self {
            unit: unit.number.to_string(),
            kit: unit.number.kit.to_string(),
            subject: unit.subject.to_string(),
            preparation: unit.preparation.to_string(),
            prepared_at: unit.at.to_string(),
            prepared_by: unit.by.to_string(),
            use_by: unit.use_by.to_string(),
            state,
            ended_at,
            ended_by,
        }
    }
}

impl From<give::Given> for Administration {
    fn from(given: give::Given) -> Self {
        Self {
            subject: given.subject.to_string(),
            unit: given.unit.to_string(),
            given_at: given.at.to_string(),
            given_by: given.by.to_string(),
        }
    }
}
