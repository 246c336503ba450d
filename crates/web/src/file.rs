//! Answers that are files to be printed or kept.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

/// The type of a PDF.
pub(crate) const PDF: &str = "application/pdf";

/// A file to be saved under this name, which is made of ids and so needs no quoting.
pub(crate) fn attachment(status: StatusCode, kind: &str, name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, kind.to_owned()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}
