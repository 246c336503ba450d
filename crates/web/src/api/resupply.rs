//! `GET, POST /studies/{study}/resupply-plans`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::shipments::resupply::{self, Plan};
use terms::{DepotId, SiteId};
use trial::{Action, Refusal};
use utoipa::ToSchema;

use super::field;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// For which site, and out of which stock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    site: String,
    /// The depot that sends; the sponsor's stock when absent.
    from_depot: Option<String>,
}

/// A plan with the reasons of its numbers. None of them goes by a kit type.
#[derive(Serialize, ToSchema)]
struct ResupplyPlan {
    site: String,
    #[schema(format = Date)]
    order_day: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_depot: Option<String>,
    /// How many whole groups are sent.
    groups: u32,
    /// Why, a sentence each; absent for the supply manager, who is told nothing of what is left at a site.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<String>>,
    /// The shipment that was picked; absent when nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment: Option<String>,
    planned_by: String,
    planned_at: String,
}

#[derive(Serialize, ToSchema)]
struct PlanBody {
    resupply_plan: ResupplyPlan,
}

#[derive(Serialize, ToSchema)]
struct PlansBody {
    resupply_plans: Vec<ResupplyPlan>,
}

/// Lists the resupply plans that you may see, with their reasons where you may know them.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The plans.", body = PlansBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/resupply-plans")]
pub(super) async fn list(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let plans = run(move || resupply::plans(&service, &caller, &study)).await?;
    ok(PlansBody { resupply_plans: plans.into_iter().map(ResupplyPlan::from).collect() })
}

/// Plans what a site is sent on the order day, and has it picked. A second plan for the same day is the first one.
#[utoipa::path(
    tag = "kits",
    request_body = Order,
    responses(
        (status = 201, description = "The plan is made.", body = PlanBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/resupply-plans")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Order>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::PlanResupply)?;
    let (site, from) = body.route()?;
    let plan = run(move || resupply::plan(&service, envelope, site, from)).await?;
    created(PlanBody { resupply_plan: plan.into() })
}

impl Order {
    /// The site, and the depot that sends.
    pub(crate) fn route(&self) -> Result<(SiteId, Option<DepotId>), Refusal> {
        let from = self.from_depot.as_deref().map(|depot| field::id("from_depot", depot)).transpose()?;
        Ok((field::id("site", &self.site)?, from))
    }
}

impl From<Plan> for ResupplyPlan {
    fn from(plan: Plan) -> Self {
        Self {
            site: plan.site.to_string(),
            order_day: plan.order_day.to_string(),
            from_depot: plan.from.map(|depot| depot.to_string()),
            groups: plan.groups,
            reasons: plan.reasons.map(|reasons| reasons.lines().map(str::to_owned).collect()),
            shipment: plan.shipment.map(|id| id.to_string()),
            planned_by: plan.made.0.to_string(),
            planned_at: plan.made.1.to_string(),
        }
    }
}
