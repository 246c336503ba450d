//! The style and the one script: compiled in, and the same for everybody, so a browser may keep them.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};

const STYLE: &str = include_str!("../../assets/style.css");
const SCRIPT: &str = include_str!("../../assets/pages.js");

/// Serves them.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/style.css", web::get().to(style)).route("/pages.js", web::get().to(script));
}

async fn style() -> HttpResponse {
    kept("text/css; charset=utf-8", STYLE)
}

async fn script() -> HttpResponse {
    kept("text/javascript; charset=utf-8", SCRIPT)
}

fn kept(kind: &'static str, text: &'static str) -> HttpResponse {
    let for_an_hour = ("Cache-Control", "public, max-age=3600");
    HttpResponse::Ok().content_type(kind).insert_header(for_an_hour).body(text)
}
