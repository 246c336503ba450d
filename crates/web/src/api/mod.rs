//! The routes under `/api/v1`: one file per noun.

mod randomization;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route, in the order of the documentation.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope::scope("/api/v1").configure(studies));
}

fn studies(config: &mut ServiceConfig<'_>) {
    config.service(randomization::post);
}
