//! The description of the interface, collected from the routes themselves.

use actix_web::App;
use actix_web::web::ServiceConfig;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, License, OpenApi};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::api;

/// The OpenAPI document of every route.
pub fn document() -> OpenApi {
    let (_app, document) = App::new().into_utoipa_app().configure(api::routes).split_for_parts();
    finished(document)
}

/// Serves the document, and the page that shows it without any network.
pub(crate) fn routes(config: &mut ServiceConfig, document: OpenApi) {
    let document = finished(document);
    config.service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", document));
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
