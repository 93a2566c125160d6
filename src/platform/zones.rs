use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// How far the clocks of a zone are ahead of UTC at an instant, in minutes, by the browser's own tables.
/// `None` for a zone that it does not know.
pub fn zone_offset_minutes(zone: &str, unix_ms: i64) -> Option<i32> {
    let options = Object::new();
    set(&options, "timeZone", zone)?;
    set(&options, "timeZoneName", "longOffset")?;
    let format = date_format(&options)?;
    let write = Reflect::get(&format, &"format".into()).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
    let instant = JsValue::from_f64(unix_ms as f64);
    let written = write.dyn_ref::<Function>()?.call1(&format, &instant).ok()?;
    read_offset(&written.as_string()?)
}

/// The IANA name of the zone that the browser takes for its own.
pub fn phone_zone() -> Option<String> {
    let format = date_format(&Object::new())?;
    let tell = Reflect::get(&format, &"resolvedOptions".into()).ok()?;
    let told = tell.dyn_ref::<Function>()?.call0(&format).ok()?;
    Reflect::get(&told, &"timeZone".into()).ok()?.as_string()
}

/// A writer of dates. Throws for a zone that is not known.
fn date_format(options: &Object) -> Option<JsValue> {
    let maker = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let maker = Reflect::get(&maker, &"DateTimeFormat".into()).ok()?;
    let maker = maker.dyn_ref::<Function>()?;
    Reflect::construct(maker, &Array::of2(&"en-US".into(), options)).ok()
}

fn set(options: &Object, name: &str, value: &str) -> Option<()> {
    let set = Reflect::set(options, &name.into(), &value.into());
    set.ok().filter(|done| *done).map(drop)
}

/// The offset at the end of such a text as `3/1/2024, GMT+05:00`.
fn read_offset(written: &str) -> Option<i32> {
    let (_, offset) = written.rsplit_once("GMT")?;
    let offset = offset.trim();
    if offset.is_empty() {
        return Some(0);
    }
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        _ => -1,
    };
    let (hours, minutes) = offset
        .trim_start_matches(['+', '-', '\u{2212}'])
        .split_once(':')?;
    Some(sign * (hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::read_offset;

    #[test]
    fn offsets_are_read() {
        for (written, minutes) in [
            ("3/1/2024, GMT+05:00", Some(300)),
            ("3/1/2024, GMT-03:30", Some(-210)),
            ("3/1/2024, GMT", Some(0)),
            ("3/1/2024, +05", None),
            ("", None),
        ] {
            assert_eq!(read_offset(written), minutes, "{written}");
        }
    }
}
