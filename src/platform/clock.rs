use gloo_timers::future::TimeoutFuture;

/// The phone's clock in milliseconds since 1970 (UTC). A clock set before 1970 reads as zero.
pub fn now_ms() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, as wanted"
    )]
    let now = js_sys::Date::now() as u64;
    now
}

/// Waits.
pub async fn sleep_ms(pause_ms: u32) {
    TimeoutFuture::new(pause_ms).await;
}
