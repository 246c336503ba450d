//! The style, the one script, and what reads a code for the camera, of which the script asks only then: compiled in, and
//! the same for everybody, so a browser may keep them.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};

const STYLE: &str = include_str!("../../assets/style.css");
const SCRIPT: &str = concat!(include_str!("../../assets/pages.js"), include_str!("../../assets/camera.js"));
/// Made by `crates/web/datamatrix`.
const DATAMATRIX: &str = include_str!("../../assets/datamatrix.js");

/// Serves them.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/style.css", web::get().to(style))
        .route("/pages.js", web::get().to(script))
        .route("/datamatrix.js", web::get().to(datamatrix));
}

async fn style() -> HttpResponse {
    kept("text/css; charset=utf-8", STYLE)
}

async fn script() -> HttpResponse {
    kept("text/javascript; charset=utf-8", SCRIPT)
}

async fn datamatrix() -> HttpResponse {
    kept("text/javascript; charset=utf-8", DATAMATRIX)
}

fn kept(kind: &'static str, text: &'static str) -> HttpResponse {
    let for_an_hour = ("Cache-Control", "public, max-age=3600");
    HttpResponse::Ok().content_type(kind).insert_header(for_an_hour).body(text)
}
