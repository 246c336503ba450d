//! The description of the interface, collected from the routes themselves.

use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, License, OpenApi};
use utoipa_actix_web::AppExt;

use crate::api;

/// The OpenAPI document of every route.
pub fn document() -> OpenApi {
    let (_app, document) = App::new().into_utoipa_app().configure(api::routes).split_for_parts();
    finished(document)
}

/// Serves the document and the page that shows it.
pub(crate) fn routes(config: &mut ServiceConfig, document: OpenApi) {
    let document = web::Data::new(finished(document));
    config.app_data(document).route("/api/v1/openapi.json", web::get().to(json));
}

async fn json(document: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.get_ref())
}

fn finished(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("IWRS")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Randomization and blinded drug supply. Every change of a study takes an Idempotency-Key.",
        ))
        .license(Some(License::new("Apache-2.0")))
        .build();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_with(Components::new).add_security_scheme("access_token", bearer);
    document
}
