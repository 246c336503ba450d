//! The description of the interface, collected from the routes themselves.

use actix_web::App;
use actix_web::web::ServiceConfig;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, License, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
};
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
    for (address, item) in &mut document.paths.paths {
        for (method, act) in [("get", &mut item.get), ("post", &mut item.post), ("delete", &mut item.delete)]
        {
            if let Some(act) = act {
                act.operation_id = Some(operation_id(method, address));
                act.responses.responses.extend(faults());
            }
        }
        let act = item.post.as_mut().filter(|_| address.contains("{study}") || address.contains("/grants"));
        if let Some(act) = act {
            act.parameters.get_or_insert_default().extend(headers_of_an_act().map(RefOr::T));
        }
    }
    document
}

/// A name out of the method and the address, such as `post_studies_study_lists`: the handlers' own names, each good
/// within its file, repeat themselves here.
fn operation_id(method: &str, address: &str) -> String {
    let words = address.trim_start_matches("/api/v1/").split(['/', '-']);
    let words = words.map(|word| word.trim_matches(['{', '}']));
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// What every operation may answer beside its own answers: the frame gives these, so the handlers do not name them.
fn faults() -> [(String, RefOr<Response>); 2] {
    let problem = |status: &str, description: &str| {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let builder = ResponseBuilder::new().description(description);
        (status.to_owned(), RefOr::T(builder.content("application/problem+json", content).build()))
    };
    [
        problem("500", "`fault`: the service failed, and nothing was done."),
        problem(
            "503",
            "`unavailable`, `busy` or `allocations-stopped`: nothing was done. `outcome-unknown`: send the \
             same request again with the same Idempotency-Key.",
        ),
    ]
}

/// What comes with every act beside its body; the frame reads it, so the handlers do not name it.
fn headers_of_an_act() -> [Parameter; 2] {
    let header = |name: &str, required: Required, description: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(description))
            .schema(Some(Object::with_type(Type::String)))
            .build()
    };
    [
        header(
            "Idempotency-Key",
            Required::True,
            "1 to 40 letters, digits, dots, dashes or underscores; sent again, it has one effect.",
        ),
        header(
            "Signature-Token",
            Required::False,
            "A token of `POST /signatures`, for acts that are signed.",
        ),
    ]
}
