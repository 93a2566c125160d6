//! People, their devices and invitations: what is asked beside the exchange.

mod devices;
mod groups;
mod invitations;
mod joining;
mod members;
mod readiness;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use keruen_domain::DeviceId;
use keruen_domain::protocol::DEVICE_HEADER;
use keruen_domain::protocol::people::paths;
use keruen_domain::protocol::readiness::paths as told;
use utoipa::OpenApi;

use crate::auth::{self, Known};
use crate::error::ApiError;
use crate::people::{Failed, settled};
use crate::state::AppState;
use crate::store::{ReadTransaction, WriteTransaction};

/// The description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    joining::invitation,
    joining::join,
    devices::add_device,
    devices::me,
    devices::device_link,
    devices::recovery_code,
    devices::revoke_device,
    members::members,
    members::change_role,
    members::leave_programme,
    invitations::invitations,
    invitations::invite,
    invitations::revoke_invitation,
    groups::groups,
    groups::new_group,
    groups::add_to_group,
    groups::leave_group,
    groups::writers,
    readiness::tell_ready,
    readiness::phones_ready,
))]
pub(super) struct Description;

/// These routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(paths::INVITATION, post(joining::invitation))
        .route(paths::JOIN, post(joining::join))
        .route(paths::ADD_DEVICE, post(devices::add_device))
        .route(paths::ME, post(devices::me))
        .route(paths::DEVICE_LINK, post(devices::device_link))
        .route(paths::RECOVERY_CODE, post(devices::recovery_code))
        .route(paths::REVOKE_DEVICE, post(devices::revoke_device))
        .route(paths::MEMBERS, post(members::members))
        .route(paths::CHANGE_ROLE, post(members::change_role))
        .route(paths::LEAVE_PROGRAMME, post(members::leave_programme))
        .route(paths::INVITATIONS, post(invitations::invitations))
        .route(paths::INVITE, post(invitations::invite))
        .route(
            paths::REVOKE_INVITATION,
            post(invitations::revoke_invitation),
        )
        .route(paths::GROUPS, post(groups::groups))
        .route(paths::NEW_GROUP, post(groups::new_group))
        .route(paths::ADD_TO_GROUP, post(groups::add_to_group))
        .route(paths::LEAVE_GROUP, post(groups::leave_group))
        .route(paths::WRITERS, post(groups::writers))
        .route(told::TELL, post(readiness::tell_ready))
        .route(told::COUNT, post(readiness::phones_ready))
}

/// Who asks. Which device it is matters to nothing here, but what is said of it must be one.
pub(super) async fn known(state: &AppState, headers: &HeaderMap) -> Result<Known, ApiError> {
    let device = match auth::device(headers) {
        None if headers.contains_key(DEVICE_HEADER) => return Err(ApiError::Malformed),
        device => device.unwrap_or(DeviceId(0)),
    };
    auth::known(state, headers, device).await
}

/// What is found in one view of the store.
pub(super) async fn look<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&dyn ReadTransaction) -> Result<T, Failed> + Send + 'static,
) -> Result<T, ApiError> {
    let found = state.store.read(|read| settled(work(read))).await?;
    Ok(found?)
}

/// What is done in one transaction. Connections that are open hear of it.
pub(super) async fn change<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&mut dyn WriteTransaction) -> Result<T, Failed> + Send + 'static,
) -> Result<T, ApiError> {
    let done = state.store.write(|write| settled(work(write))).await;
    state.live.wake();
    Ok(done??)
}
