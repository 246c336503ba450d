//! In which form a log is asked for, and the answers that are files.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT;
use actix_web::web::Query;
use print::Unprintable;
use serde::Deserialize;
use terms::SiteId;
use trial::Refusal;
use utoipa::IntoParams;

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::field;
use crate::file::{PDF, attachment};
use crate::words::Words;

/// The form of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For programs.
    Json,
    /// For a spreadsheet.
    Csv,
    /// For a printer.
    Pdf,
}

impl Form {
    /// The file that a page is asked for, if it is one.
    pub(crate) fn of_file(format: &str) -> Option<Self> {
        match format {
            "csv" => Some(Self::Csv),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// Of which site, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct LogFilter {
    /// A site; all places within your reach when absent.
    site: Option<String>,
    /// `json`, `csv` or `pdf`; what `Accept` says when absent.
    format: Option<String>,
}

/// In which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct LogForm {
    /// `json`, `csv` or `pdf`; what `Accept` says when absent.
    format: Option<String>,
}

/// The site that is asked for, and the form.
pub(super) fn asked_of_places(request: &HttpRequest) -> Result<(Option<SiteId>, Form), Problem> {
    let malformed = |_unknown| malformed("Only `site` and `format` can be chosen.");
    let filter = Query::<LogFilter>::from_query(request.query_string()).map_err(malformed)?;
    let LogFilter { site, format } = filter.into_inner();
    let form = chosen(request, format.as_deref())?;
    let site = site.as_deref().map(|site| field::id("site", site)).transpose()?;
    Ok((site, form))
}

/// The form that is asked for.
pub(super) fn asked(request: &HttpRequest) -> Result<Form, Problem> {
    let malformed = |_unknown| malformed("Only `format` can be chosen.");
    let asked = Query::<LogForm>::from_query(request.query_string()).map_err(malformed)?;
    chosen(request, asked.into_inner().format.as_deref())
}

fn malformed(words: &str) -> Problem {
    Problem::malformed(StatusCode::BAD_REQUEST, words)
}

fn chosen(request: &HttpRequest, format: Option<&str>) -> Result<Form, Problem> {
    let accepted = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("");
    let accepts = |kind: &str| accepted.split([',', ';']).any(|accepted| accepted.trim() == kind);
    match format {
        None if accepts("text/csv") => Ok(Form::Csv),
        None if accepts(PDF) => Ok(Form::Pdf),
        None | Some("json") => Ok(Form::Json),
        Some("csv") => Ok(Form::Csv),
        Some("pdf") => Ok(Form::Pdf),
        Some(_) => Err(Refusal::field("format", "must be json, csv or pdf").into()),
    }
}

/// A table for a spreadsheet.
pub(super) fn csv(bytes: Vec<u8>) -> Answer {
    Ok(attachment(StatusCode::OK, "text/csv; charset=utf-8", "accountability.csv", bytes))
}

/// Pages for a printer, named by their language, drawn where it may take a while: no code break waits for a long log.
pub(super) async fn pdf(
    words: Words,
    draw: impl FnOnce() -> Result<Vec<u8>, Unprintable> + Send + 'static,
) -> Answer {
    let drawn = move || draw().map_err(|why| Refusal::field(why.field(), &why).into());
    let bytes = run(drawn).await?;
    let name = format!("accountability-{}.pdf", words.language());
    Ok(attachment(StatusCode::OK, PDF, &name, bytes))
}
