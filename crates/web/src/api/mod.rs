//! The routes under `/api/v1`: one file per noun.

pub(crate) mod accountability;
pub(crate) mod alerts;
pub(crate) mod batches;
pub(crate) mod destructions;
pub(crate) mod dispensations;
pub(crate) mod ends;
pub(crate) mod envelopes;
pub(crate) mod expiry;
mod field;
pub(crate) mod grants;
pub(crate) mod holds;
pub(crate) mod journal;
pub(crate) mod kit_reconciliations;
pub(crate) mod kits;
pub(crate) mod labels;
pub(crate) mod lists;
pub(crate) mod live;
pub(crate) mod lots;
mod me;
pub(crate) mod packings;
mod peers;
pub(crate) mod quarantines;
pub(crate) mod randomization;
pub(crate) mod recalls;
mod reconciliation;
pub(crate) mod redactions;
pub(crate) mod replacements;
pub(crate) mod resupply;
mod second_factor;
mod session;
pub(crate) mod shipments;
mod signatures;
mod stock_by_type;
mod studies;
pub(crate) mod subjects;
pub(crate) mod unblindings;
pub(crate) mod units;
pub(crate) mod users;
pub(crate) mod visits;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every route, in the order of the documentation.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(scope::scope("/api/v1").configure(people).configure(studies));
}

fn people(config: &mut ServiceConfig<'_>) {
    config.service(session::post).service(session::post_code).service(session::post_refresh);
    config.service(session::delete).service(live::own).service(live::end_own);
    config.service(second_factor::post).service(second_factor::confirm);
    config.service(second_factor::recover).service(second_factor::remove);
    config.service(me::get).service(me::post_password).service(signatures::post);
    config.service(users::post).service(users::list).service(users::post_reset);
    config.service(live::of_user).service(live::end_of).service(peers::post);
    config.service(grants::post).service(grants::confirm).service(grants::revoke);
}

fn studies(config: &mut ServiceConfig<'_>) {
    config.service(studies::all).service(studies::one);
    config.service(holds::post).service(holds::all).service(holds::release);
    config.service(subjects::post).service(subjects::all).service(subjects::one);
    config.service(ends::fail_screening).service(ends::withdraw).service(visits::post);
    config.service(randomization::post);
    config.service(unblindings::post).service(unblindings::post_emergency);
    config.service(unblindings::all).service(unblindings::note);
    config.service(lists::post).service(lists::all).service(lists::one).service(lists::positions);
    config.service(lists::approve).service(lists::activate).service(lists::discard);
    config.service(envelopes::get).service(reconciliation::get);
    config.service(kits::list).service(kits::one).service(kits::post).service(stock_by_type::get);
    config.service(journal::page).service(journal::checkpoint).service(journal::export);
    config.service(redactions::list).service(redactions::propose).service(redactions::confirm);
    config.service(replacements::post);
    config.service(dispensations::list).service(dispensations::post);
    config.service(dispensations::check).service(dispensations::confirm);
    config.service(units::list).service(units::post).service(units::administer).service(units::dispose);
    config
        .service(batches::list)
        .service(batches::certify)
        .service(batches::release)
        .service(batches::receive);
    config.service(packings::post_list).service(packings::post).service(packings::list);
    config.service(packings::post_check);
    config.service(expiry::post).service(expiry::propose).service(expiry::confirm).service(expiry::list);
    config.service(recalls::post).service(recalls::get).service(labels::print);
    config.service(lots::state).service(lots::post).service(lots::list);
    config.service(alerts::list).service(alerts::acknowledge);
    config.service(resupply::list).service(resupply::post);
    config.service(shipments::list).service(shipments::one).service(shipments::post);
    config.service(labels::of_shipment);
    config.service(shipments::dispatched).service(shipments::cancelled).service(shipments::received);
    config.service(quarantines::set_aside).service(quarantines::decide).service(quarantines::happened);
    config.service(accountability::return_kit).service(accountability::of_subject);
    config.service(accountability::of_site).service(accountability::of_kit);
    config.service(kit_reconciliations::list).service(kit_reconciliations::sign);
    config.service(kit_reconciliations::confirm);
    config.service(destructions::list).service(destructions::propose).service(destructions::authorize);
}
