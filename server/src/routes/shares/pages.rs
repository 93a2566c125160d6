use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use form_urlencoded::parse;
use keruen_domain::protocol::shares::paths;
use keruen_domain::protocol::v1::Problem;
use keruen_domain::{Language, MaterialId};

use super::keep_private;
use crate::content::{self, Encoding};
use crate::error::{ApiError, CODE_HEADER};
use crate::network::Network;
use crate::pages::{self, Content, Notice, Place, View};
use crate::routes::description::{AddressProblems, ReaderLanguage};
use crate::routes::pages::{
    CONTENT_SECURITY_POLICY, chosen_language, parameter, preferred_language,
};
use crate::routes::{limit, questions};
use crate::shares::{self, Passage, Visit};
use crate::state::AppState;

/// The policy of pages with the one form that there is.
const POLICY_WITH_FORM: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";
/// Bytes of a form: a passphrase, percent-encoded.
const MAX_FORM_BYTES: usize = 8 * 1_024;
/// Characters of what is typed into it.
const MAX_PASSPHRASE_CHARACTERS: usize = 200;

/// The page of a share, complete without script. Who has the link needs nothing else, unless there is a
/// passphrase.
#[utoipa::path(
    get,
    path = "/s/{secret}",
    operation_id = "sharePage",
    tag = "shares",
    params(
        ("secret" = String, Path, description = "The link's secret.", max_length = 64),
        ReaderLanguage,
        ("ticket" = Option<String>, Query, description = "What was given for a passphrase; anything else counts as nothing."),
    ),
    security(()),
    responses(
        (status = 200, description = "The page, or the question for the passphrase.", body = String, content_type = "text/html"),
        (status = 404, description = "The link does not open.", body = String, content_type = "text/html"),
        AddressProblems,
        (status = 429, description = "Too many requests, or too many wrong secrets."),
    )
)]
pub(super) async fn page(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let secret = path.map_or_else(|_| Default::default(), |Path(secret)| secret);
    let visitor = Visitor::of(&state, &request);
    let counts = request.method() == Method::GET;
    let answer = visitor
        .see(&state, &secret, "", |view, content, share| {
            if counts {
                state.shares.openings.count(share);
            }
            Some(pages::page(view, content))
        })
        .await;
    visitor.respond(answer).await
}

/// The page of one of several shared materials.
#[utoipa::path(
    get,
    path = "/s/{secret}/materials/{material}",
    operation_id = "sharedMaterialPage",
    tag = "shares",
    params(
        ("secret" = String, Path, description = "The link's secret.", max_length = 64),
        ("material" = MaterialId, Path, description = "Which material."),
        ReaderLanguage,
        ("ticket" = Option<String>, Query, description = "What was given for a passphrase; anything else counts as nothing."),
    ),
    security(()),
    responses(
        (status = 200, description = "The page, or the question for the passphrase.", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for the passphrase."),
        (status = 404, description = "The link does not open, or has no such material.", body = String, content_type = "text/html"),
        AddressProblems,
        (status = 429, description = "Too many requests, or too many wrong secrets."),
    )
)]
pub(super) async fn material(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let (secret, id) = path.map_or_else(|_| Default::default(), |Path(parts)| parts);
    let visitor = Visitor::of(&state, &request);
    let answer = visitor
        .see(&state, &secret, "/materials", |view, content, _| {
            pages::material_page(view, content, id.parse().ok()?)
        })
        .await;
    visitor.respond(answer).await
}

/// Takes the passphrase that was typed, and leads back to the page with a ticket.
#[utoipa::path(
    post,
    path = "/s/{secret}",
    operation_id = "typePassphrase",
    tag = "shares",
    params(
        ("secret" = String, Path, description = "The link's secret.", max_length = 64),
        ReaderLanguage,
    ),
    security(()),
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "The field `passphrase`."),
    responses(
        (status = 303, description = "To the page, with a ticket for it in the address."),
        (status = 403, description = "It is another passphrase.", body = String, content_type = "text/html"),
        (status = 404, description = "The link does not open.", body = String, content_type = "text/html"),
        (status = 413, description = "Too many bytes."),
        AddressProblems,
        (status = 429, description = "Too many requests, or too many wrong secrets or passphrases.", content((String = "text/html"), (Problem = "application/json"))),
    )
)]
pub(super) async fn type_passphrase(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let secret = path.map_or_else(|_| Default::default(), |Path(secret)| secret);
    let visitor = Visitor::of(&state, &request);
    let answer = visitor.type_passphrase(&state, &secret, request).await;
    visitor.respond(answer).await
}

/// What is answered.
enum Answer {
    /// A page of what is shared.
    Page(String),
    /// The question for the passphrase.
    Question(Notice),
    /// Another address.
    Elsewhere(String),
}

/// Who looks at a page.
struct Visitor {
    address: Option<Network>,
    ticket: String,
    /// The language that the address says.
    language: Option<Language>,
    /// The one that the browser prefers.
    preferred: Option<Language>,
    encoding: Option<Encoding>,
}

impl Visitor {
    fn of(state: &AppState, request: &Request) -> Self {
        let (uri, headers) = (request.uri(), request.headers());
        Self {
            address: limit::address(request, &state.limits),
            ticket: parameter(uri, "ticket").unwrap_or_default(),
            language: chosen_language(uri),
            preferred: preferred_language(headers),
            encoding: Encoding::accepted(headers),
        }
    }

    fn language(&self) -> Language {
        self.language
            .or(self.preferred)
            .unwrap_or(Language::Russian)
    }

    /// A page of a share that opens for this visitor.
    async fn see(
        &self,
        state: &AppState,
        secret: &str,
        below: &str,
        write: impl FnOnce(View<'_>, &Content, keruen_domain::ShareId) -> Option<String>,
    ) -> Result<Answer, ApiError> {
        let share = shares::find(state, secret, self.address).await?;
        let visit = Visit {
            ticket: &self.ticket,
            address: self.address,
            ..Visit::default()
        };
        let Passage::Open { ticket } = shares::pass(state, &share, visit).await? else {
            // The form is sent to the address that it stands at.
            return Ok(if below.is_empty() {
                Answer::Question(Notice::None)
            } else {
                Answer::Elsewhere(self.page_address(secret, ""))
            });
        };
        let content = shares::content_of(state, &share).await?;
        let view = View {
            place: Place::Share {
                secret,
                ticket: &ticket,
            },
            language: self.language(),
            is_chosen: self.language.is_some(),
        };
        let page = write(view, &content, share.id).ok_or(ApiError::NotFound)?;
        Ok(Answer::Page(page))
    }

    async fn type_passphrase(
        &self,
        state: &AppState,
        secret: &str,
        request: Request,
    ) -> Result<Answer, ApiError> {
        let share = shares::find(state, secret, self.address).await?;
        let form = questions::bytes(request.into_body(), MAX_FORM_BYTES).await?;
        let mut fields = parse(&form).filter(|(name, _)| name == "passphrase");
        let passphrase = fields
            .next()
            .map_or(String::new(), |(_, value)| value.into_owned());
        if passphrase.chars().count() > MAX_PASSPHRASE_CHARACTERS {
            return Ok(Answer::Question(Notice::Wrong));
        }
        let visit = Visit {
            passphrase: &passphrase,
            address: self.address,
            ..Visit::default()
        };
        match shares::pass(state, &share, visit).await {
            Ok(Passage::Open { ticket }) => {
                Ok(Answer::Elsewhere(self.page_address(secret, &ticket)))
            }
            Ok(Passage::NeedsPassphrase) => Ok(Answer::Question(Notice::Wrong)),
            Err(ApiError::TooMany { .. }) => Ok(Answer::Question(Notice::Wait)),
            Err(error) => Err(error),
        }
    }

    fn page_address(&self, secret: &str, ticket: &str) -> String {
        let mut address = [paths::PAGE, secret].concat();
        let language = self
            .language
            .map(|language| ["lang=", language.code()].concat());
        let ticket = (!ticket.is_empty()).then(|| ["ticket=", ticket].concat());
        for (before, part) in ["?", "&"].iter().zip(language.into_iter().chain(ticket)) {
            address.push_str(before);
            address.push_str(&part);
        }
        address
    }

    async fn respond(&self, answer: Result<Answer, ApiError>) -> Response {
        let language = self.language();
        let (status, policy, page) = match answer {
            Ok(Answer::Page(page)) => (StatusCode::OK, CONTENT_SECURITY_POLICY, page),
            Ok(Answer::Question(notice)) => {
                let status = match notice {
                    Notice::None => StatusCode::OK,
                    Notice::Wrong => StatusCode::FORBIDDEN,
                    Notice::Wait => StatusCode::TOO_MANY_REQUESTS,
                };
                (
                    status,
                    POLICY_WITH_FORM,
                    pages::passphrase(language, notice),
                )
            }
            Ok(Answer::Elsewhere(address)) => return elsewhere(&address),
            Err(ApiError::NotFound) => {
                let page = pages::gone(language);
                (StatusCode::NOT_FOUND, CONTENT_SECURITY_POLICY, page)
            }
            Err(error) => return error.respond(content::Kind::Json),
        };
        let compressed = content::compress_aside(self.encoding, page.into_bytes()).await;
        let (bytes, encoding) = match compressed {
            Ok(compressed) => compressed,
            Err(error) => return error.respond(content::Kind::Json),
        };
        let mut response = Response::new(Body::from(bytes));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::CONTENT_LANGUAGE, language.code()),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if status == StatusCode::NOT_FOUND {
            headers.insert(CODE_HEADER, HeaderValue::from_static("not-found"));
        }
        content::name_encoding(headers, encoding);
        keep_private(headers);
        response
    }
}

fn elsewhere(address: &str) -> Response {
    let Ok(address) = HeaderValue::from_str(address) else {
        return ApiError::NotFound.respond(content::Kind::Json);
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, address);
    keep_private(headers);
    response
}
