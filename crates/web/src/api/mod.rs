//! The routes under `/api/v1`: one file per noun.

mod batches;
mod kits;
mod me;
mod randomization;
mod session;
mod signatures;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route, in the order of the documentation.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope::scope("/api/v1").configure(people).configure(studies));
}

fn people(config: &mut ServiceConfig<'_>) {
    config.service(session::post).service(session::post_refresh).service(session::delete);
    config.service(me::get).service(me::post_password).service(signatures::post);
}

fn studies(config: &mut ServiceConfig<'_>) {
    config.service(randomization::post);
    config.service(kits::list).service(kits::one).service(kits::post);
    config.service(batches::list).service(batches::release).service(batches::receive);
}
