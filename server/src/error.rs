//! Errors as responses: each with a status, a stable code in a header, and a [`Problem`] as body.
//!
//! | layer | its error |
//! |---|---|
//! | store | [`StoreError`] |
//! | exchange | [`StoreError`]; what is not allowed is a result, not an error |
//! | routes | [`ApiError`] |
//! | start of the program | [`StartError`](crate::serve::StartError) |

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use keruen_domain::protocol::v1::Problem;
use keruen_domain::protocol::{OLDEST_PROTOCOL_VERSION, PROBLEM_HEADER, PROTOCOL_VERSION};

use crate::content::Kind;
use crate::machine::NoRandomBits;
use crate::people::Denial;
use crate::store::StoreError;

/// Header with the stable code of an error.
pub const CODE_HEADER: &str = PROBLEM_HEADER;

/// Why a request got no answer. Nothing of it was done.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The body or a header is not what the protocol says.
    #[error("the request is not what the protocol says")]
    Malformed,
    /// The body is of a kind, or compressed in a way, that this server does not read.
    #[error("the request's body is of an unknown kind")]
    UnsupportedMediaType,
    /// The token is not known here.
    #[error("the token is not known")]
    NotAuthorised,
    /// The request did not come to its end.
    #[error("the request came too slowly")]
    TooSlow,
    /// More bytes, changes or scopes than allowed.
    #[error("the request is too large")]
    TooLarge,
    /// Too many requests.
    #[error("too many requests")]
    TooMany {
        /// When to ask again.
        retry_after_ms: u32,
    },
    /// The protocol's version is not spoken here.
    #[error("the protocol's version is not spoken here")]
    VersionNotSupported,
    /// The asker's role does not allow it.
    #[error("the role does not allow it")]
    NotAllowed,
    /// What is would not be right any more: named by its code.
    #[error("this cannot be done as things are: {0}")]
    Conflict(&'static str),
    /// There is no room for what would be sent.
    #[error("there is no room for it")]
    NoRoom,
    /// The files of a person's or a group's notes are as many as they may be.
    #[error("there is no room for more files there")]
    ScopeFull,
    /// The bytes that came are not those that were announced.
    #[error("these are not the bytes that were announced")]
    WrongContent,
    /// A file is not what its name says.
    #[error("the file is not what its name says")]
    WrongType,
    /// The way of sending files is not one that is spoken here.
    #[error("files are sent in another way here")]
    WrongTus,
    /// There is no such thing, or it is not the asker's to see.
    #[error("there is no such thing")]
    NotFound,
    /// The machine gives no random bits.
    #[error(transparent)]
    Random(#[from] NoRandomBits),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl From<Denial> for ApiError {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::NotFound => Self::NotFound,
            Denial::NotAuthorised => Self::NotAuthorised,
            Denial::NotAllowed => Self::NotAllowed,
            Denial::Malformed => Self::Malformed,
            Denial::LastOrganiser => Self::Conflict("last-organiser"),
            Denial::TakenOut => Self::Conflict("taken-out"),
            Denial::TooManyDevices => Self::Conflict("too-many-devices"),
            Denial::TooManyGroups => Self::Conflict("too-many-groups"),
            Denial::TooManyInvitations => Self::Conflict("too-many-invitations"),
            Denial::TooManyShares => Self::Conflict("too-many-shares"),
        }
    }
}

impl ApiError {
    /// The stable code, the status and what the protocol says of it.
    const fn face(&self) -> (&'static str, StatusCode, Option<Problem>) {
        match self {
            Self::Malformed => (
                "malformed",
                StatusCode::BAD_REQUEST,
                Some(Problem::Malformed),
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Some(Problem::Malformed),
            ),
            Self::NotAuthorised => (
                "not-authorised",
                StatusCode::UNAUTHORIZED,
                Some(Problem::NotAuthorised),
            ),
            // What it would have said is not judged: whoever asked asks again.
            Self::TooSlow => (
                "too-slow",
                StatusCode::REQUEST_TIMEOUT,
                Some(Problem::Unavailable),
            ),
            Self::TooLarge => (
                "too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                Some(Problem::TooLarge),
            ),
            Self::TooMany { retry_after_ms } => (
                "too-many",
                StatusCode::TOO_MANY_REQUESTS,
                Some(Problem::TooMany {
                    retry_after_ms: *retry_after_ms,
                }),
            ),
            Self::VersionNotSupported => (
                "version-not-supported",
                StatusCode::BAD_REQUEST,
                Some(Problem::VersionNotSupported {
                    oldest: OLDEST_PROTOCOL_VERSION,
                    newest: PROTOCOL_VERSION,
                }),
            ),
            Self::NotAllowed => ("not-allowed", StatusCode::FORBIDDEN, None),
            Self::Conflict(code) => (code, StatusCode::CONFLICT, None),
            Self::NoRoom => ("no-room", StatusCode::INSUFFICIENT_STORAGE, None),
            Self::ScopeFull => ("scope-full", StatusCode::INSUFFICIENT_STORAGE, None),
            Self::WrongContent => ("wrong-content", StatusCode::UNPROCESSABLE_ENTITY, None),
            Self::WrongType => ("wrong-type", StatusCode::UNPROCESSABLE_ENTITY, None),
            Self::WrongTus => (
                "version-not-supported",
                StatusCode::PRECONDITION_FAILED,
                None,
            ),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, None),
            Self::Store(_) | Self::Random(_) => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                Some(Problem::Unavailable),
            ),
        }
    }

    /// The error as an answer of this kind.
    pub fn respond(&self, kind: Kind) -> Response {
        match self {
            Self::Store(error) => tracing::error!(%error, cause = ?error, "the store failed"),
            Self::Random(error) => tracing::error!(%error, "no secret was made"),
            _ => {}
        }
        let (code, status, problem) = self.face();
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        if let Some(problem) = problem {
            *response.body_mut() = kind.encode(&problem).into();
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, kind.media_type());
        }
        let headers = response.headers_mut();
        headers.insert(CODE_HEADER, HeaderValue::from_static(code));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::TooMany { retry_after_ms } => {
                let seconds = u64::from(*retry_after_ms).div_ceil(1_000);
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            Self::NotAuthorised => {
                let scheme = HeaderValue::from_static("Bearer");
                headers.insert(header::WWW_AUTHENTICATE, scheme);
            }
            _ => {}
        }
        response
    }
}
