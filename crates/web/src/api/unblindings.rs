//! `POST, GET /studies/{study}/unblindings`, `POST .../emergency-unblindings`, `POST .../unblindings/{id}/notes`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::Attempt;
use service::unblind::{self, Emergency, Listed, Lookup, Revealed, RevealedKit};
use terms::{KitNumber, RandomizationNumber, SubjectId};
use trial::{Action, BreakReason, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::peer::Peer;
use crate::posted::{Asks, Posted, named};

/// Exactly one number of one subject, and one reason. Anything else can be written down afterwards, as a note.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unblind {
    #[schema(example = "S-001")]
    screening_number: Option<String>,
    #[schema(example = "R0001")]
    randomization_number: Option<String>,
    /// The number of any kit that was ever allocated to the subject, as printed on it.
    #[schema(example = "7955171567")]
    kit_number: Option<String>,
    /// `serious_adverse_event`, `overdose`, `pregnancy` or `medical_emergency`.
    reason: String,
}

/// The same, and who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmergencyUnblind {
    login: String,
    password: String,
    #[schema(example = "S-001")]
    screening_number: Option<String>,
    #[schema(example = "R0001")]
    randomization_number: Option<String>,
    /// The number of any kit that was ever allocated to the subject, as printed on it.
    #[schema(example = "7955171567")]
    kit_number: Option<String>,
    /// `serious_adverse_event`, `overdose`, `pregnancy` or `medical_emergency`.
    reason: String,
}

/// A note to a code break.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteUnblinding {
    /// At most 1024 bytes. It is sealed.
    pub(crate) text: String,
}

/// One subject's treatment, as a clinician needs it in an emergency.
#[derive(Serialize, ToSchema)]
struct RevealedTreatment {
    id: String,
    screening_number: String,
    randomization_number: String,
    site: String,
    reason: String,
    /// Who broke the code first; a later look does not change it.
    broken_by: String,
    broken_at: String,
    treatment: AssignedTreatment,
    /// Every kit that was handed over.
    kits: Vec<HandedOverKit>,
    /// Whether a kit was handed over that is not of the assigned treatment.
    mismatch: bool,
    /// Where this look is recorded: `journal`; `break_file`, on this server alone, to be entered in the journal later;
    /// or `journal_and_break_file`, should another database be put in the place of this one.
    recorded: String,
}

/// What the subject was assigned to.
#[derive(Serialize, ToSchema)]
struct AssignedTreatment {
    name: String,
    substance: String,
    dose: String,
    schedule: String,
}

/// A kit that was handed over.
#[derive(Serialize, ToSchema)]
struct HandedOverKit {
    number: String,
    visit: String,
    handed_over_at: String,
    contents: Option<String>,
    /// Whether the contents are the assigned treatment.
    as_assigned: bool,
}

/// That a code was broken: never what was seen.
#[derive(Serialize, ToSchema)]
struct Unblinding {
    id: String,
    screening_number: String,
    site: String,
    reason: String,
    /// `screening_number`, `randomization_number` or `kit_number`.
    found_by: String,
    broken_by: String,
    broken_at: String,
    /// Whether somebody wrote down afterwards what happened.
    noted: bool,
}

/// That a note was added; its text is not repeated.
#[derive(Serialize, ToSchema)]
struct UnblindingNote {
    unblinding: String,
    noted_by: String,
    noted_at: String,
}

#[derive(Serialize, ToSchema)]
struct RevealedBody {
    unblinding: RevealedTreatment,
}

#[derive(Serialize, ToSchema)]
struct UnblindingsBody {
    unblindings: Vec<Unblinding>,
}

#[derive(Serialize, ToSchema)]
struct UnblindingNoteBody {
    note: UnblindingNote,
}

/// Breaks one subject's code in an emergency, and shows the treatment. Recorded before it is shown; asked for twice it
/// is one break and two views.
#[utoipa::path(
    tag = "unblindings",
    request_body = Unblind,
    responses(
        (status = 201, description = "The code is broken.", body = RevealedBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/unblindings")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Unblind>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::Unblind)?;
    let (lookup, reason) = (body.lookup()?, body.reason()?);
    let revealed = run(move || unblind::unblind(&service, envelope, lookup, reason)).await;
    let revealed = revealed.map_err(|problem| problem.with_way_out(WITHOUT_THE_DATABASE))?;
    created(RevealedBody { unblinding: revealed.into() })
}

/// Breaks one subject's code in one request, with no log-in and no signature before it, also while the database cannot
/// be written. Recorded before it is shown: in the journal or, when that fails, in the break file of this server.
#[utoipa::path(
    tag = "unblindings",
    request_body = EmergencyUnblind,
    responses(
        (status = 201, description = "The code is broken.", body = RevealedBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy.", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/studies/{study}/emergency-unblindings")]
pub(super) async fn post_emergency(
    service: Data<Shared>,
    path: Path<String>,
    Peer(from): Peer,
    posted: Posted<EmergencyUnblind>,
) -> Answer {
    let (study, (key, body)) = (named(&path)?, posted.into_keyed()?);
    let (login, password, asked) = body.parts();
    let (lookup, reason) = (asked.lookup()?, asked.reason()?);
    let asked = Emergency { study, key, login, lookup, reason };
    let attempt = Attempt { password, from };
    let revealed = run(move || unblind::emergency(&service, asked, &attempt)).await;
    created(RevealedBody { unblinding: revealed.map_err(Problem::without_way_out)?.into() })
}

/// What is said when the ordinary way fails.
const WITHOUT_THE_DATABASE: &str = "POST /api/v1/studies/{study}/emergency-unblindings breaks a code, with \
    your password, while the database cannot be written.";

/// Lists the code breaks: that, when, by whom and why, never what.
#[utoipa::path(
    tag = "unblindings",
    responses(
        (status = 200, description = "The code breaks, in order.", body = UnblindingsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/unblindings")]
pub(super) async fn all(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let listed = run(move || unblind::list(&service, &caller, &study)).await?;
    ok(UnblindingsBody { unblindings: listed.into_iter().map(Unblinding::from).collect() })
}

/// Adds a note to a code break.
#[utoipa::path(
    tag = "unblindings",
    request_body = NoteUnblinding,
    responses(
        (status = 201, description = "The note is added.", body = UnblindingNoteBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/unblindings/{unblinding}/notes")]
pub(super) async fn note(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<NoteUnblinding>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::NoteUnblinding)?;
    let noted = run(move || unblind::note(&service, envelope, id, body.text)).await?;
    let (unblinding, noted_by) = (noted.unblinding.to_string(), noted.by.to_string());
    let note = UnblindingNote { unblinding, noted_by, noted_at: noted.at.to_string() };
    created(UnblindingNoteBody { note })
}

impl EmergencyUnblind {
    /// The log-in name, the password, and what is asked for.
    pub(crate) fn parts(self) -> (String, String, Unblind) {
        let Self { login, password, screening_number, randomization_number, kit_number, reason } = self;
        (login, password, Unblind { screening_number, randomization_number, kit_number, reason })
    }
}

impl Unblind {
    /// The one number (UNB-02); a mistyped one is refused, naming its field (KIT-03).
    pub(crate) fn lookup(&self) -> Result<Lookup, Refusal> {
        match (&self.screening_number, &self.randomization_number, &self.kit_number) {
            (Some(text), None, None) => {
                let id = SubjectId::parse(text);
                Ok(Lookup::Screening(id.map_err(|bad| Refusal::field("screening_number", bad))?))
            }
            (None, Some(text), None) => {
                let number = RandomizationNumber::parse(text);
                let bad = || Refusal::field("randomization_number", "is no randomization number like R0001");
                Ok(Lookup::Randomization(number.ok_or_else(bad)?))
            }
            (None, None, Some(text)) => {
                let number = KitNumber::scanned(text);
                Ok(Lookup::Kit(number.map_err(|bad| Refusal::field("kit_number", bad))?))
            }
            _ => Err(Refusal::field(
                "screening_number",
                "must be given, or randomization_number, or kit_number: exactly one of the three",
            )),
        }
    }

    pub(crate) fn reason(&self) -> Result<BreakReason, Refusal> {
        self.reason.parse().map_err(|_unknown| Refusal::UnknownReason)
    }
}

impl From<Revealed> for RevealedTreatment {
    fn from(revealed: Revealed) -> Self {
        let treatment = AssignedTreatment {
            name: revealed.treatment.name,
            substance: revealed.treatment.substance,
            dose: revealed.treatment.dose,
            schedule: revealed.treatment.schedule,
        };
        Self {
            id: revealed.id.to_string(),
            screening_number: revealed.subject.to_string(),
            randomization_number: revealed.number.to_string(),
            site: revealed.site.to_string(),
            reason: revealed.reason.to_string(),
            broken_by: revealed.by.to_string(),
            broken_at: revealed.at.to_string(),
            treatment,
            recorded: revealed.recorded.to_string(),
            mismatch: revealed.kits.iter().any(|kit| !kit.is_as_assigned),
            kits: revealed.kits.into_iter().map(HandedOverKit::from).collect(),
        }
    }
}

impl From<RevealedKit> for HandedOverKit {
    fn from(kit: RevealedKit) -> Self {
        Self {
            number: kit.number.to_string(),
            visit: kit.visit.to_string(),
            handed_over_at: kit.handed_over.to_string(),
            contents: kit.contents.map(|contents| contents.text),
            as_assigned: kit.is_as_assigned,
        }
    }
}

impl From<Listed> for Unblinding {
    fn from(listed: Listed) -> Self {
        Self {
            id: listed.id.to_string(),
            screening_number: listed.subject.to_string(),
            site: listed.site.to_string(),
            reason: listed.reason.to_string(),
            found_by: listed.found_by.to_string(),
            broken_by: listed.by.to_string(),
            broken_at: listed.at.to_string(),
            noted: listed.is_noted,
        }
    }
}
