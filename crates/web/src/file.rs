//! Answers that are files to be printed or kept.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, HttpResponseBuilder};

/// The type of a PDF.
pub(crate) const PDF: &str = "application/pdf";

/// A file to be saved under this name, which is made of ids and so needs no quoting.
pub(crate) fn attachment(status: StatusCode, kind: &str, name: &str, bytes: Vec<u8>) -> HttpResponse {
    attached(status, name).insert_header((CONTENT_TYPE, kind.to_owned())).body(bytes)
}

/// An answer that is a file of this name, still without what is in it.
pub(crate) fn attached(status: StatusCode, name: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    answer
}
