//! The start page: that the server runs, and where the interface is described.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{self, ServiceConfig};

const PAGE: &str = include_str!("../pages/start.html");
const STYLE: &str = include_str!("../pages/style.css");

/// Serves the page and its style.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.route("/", web::get().to(page)).route("/style.css", web::get().to(style));
}

async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(PAGE)
}

async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}
