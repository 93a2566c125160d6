//! Readers never panic, whatever the bytes, and never take a damaged file for a sound one.

use keruen_formats::{NoCompanions, Options, read};
use proptest::prelude::*;

const SOUND: [&str; 5] = [
    r#"{"event":{"slug":"e","name":{"en":"E"},"timezone":"Asia/Almaty"},"submissions":{"count":1,"next":null,"results":[{"code":"ABC","title":{"en":"T","ru":"Т"},"state":"confirmed","content_locale":"en","track":1,"speakers":["X"],"slots":[7]}]},"slots":[{"id":7,"start":"2025-05-12T09:00:00+05:00","end":"2025-05-12T10:00:00+05:00","room":2},{"id":8,"start":"2025-05-12T10:00:00+05:00","description":{"en":"Lunch"}}],"rooms":[{"id":2,"name":{"en":"R"}}],"tracks":[{"id":1,"name":"K"}],"speakers":[{"code":"X","name":"N"}]}"#,
    r#"{"keruen":1,"programme":{"id":"p","title":{"en":"P"}},"events":[{"id":"e","title":"E","zone":"Asia/Almaty","first_day":"2025-05-12"}],"people":[{"id":"a","name":"A"}],"materials":[{"id":"m","title":"M","url":"https://e.org"}],"sessions":[{"id":"s","event":"e","title":{"ru":"С"},"start":"2025-05-12T09:00","end":"2025-05-12T10:00","speakers":["a"],"materials":["m"]}]}"#,
    r#"{"schedule":{"conference":{"acronym":"a","title":"T","time_zone_name":"Asia/Kolkata","days":[{"date":"2025-05-12","day_start":"2025-05-12T09:00:00+05:30","rooms":{"R":[{"guid":"g","title":"Т","date":"2025-05-12T09:00:00+05:30","start":"09:00","duration":"01:00","abstract":"<p>a <a href='https://e.org'>b</a>","persons":[{"id":1,"name":"N"}],"links":[{"url":"/x","title":"t"}]}]}}]}}}"#,
    "<schedule><conference><title>T</title><acronym>a</acronym></conference><day date='2025-05-12' start='2025-05-12T09:00:00+05:00'><room name='R'><event id='1' guid='g'><start>09:00</start><duration>01:00</duration><title>Т &amp; &#x41;</title><abstract><![CDATA[<p>x</p>]]></abstract><persons><person id='1'>N</person></persons></event></room></day></schedule>",
    "BEGIN:VCALENDAR\r\nX-WR-CALNAME:C\r\nX-WR-TIMEZONE:Asia/Almaty\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=\"Asia/Almaty\":20250512T090000\r\nDURATION:PT1H\r\nSUMMARY:С\\, x\r\n y\r\nDESCRIPTION:<p>a<br>b</p>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
];

/// A table says nowhere how many rows it has: cut between two of them, it is another sound one.
const TABLE: &str = "\u{feff}Программа;Город;Часовой пояс;Дата;Начало;Конец;Название (ru);Спикеры;Описание;ID\r\nФорум;Астана;Asia/Almaty;12.05.2025;9:00;10:30;Открытие;\"Айгүл; Bolat\";\"Две\r\nстроки и \"\"кавычки\"\"\";1\r\n;;;13.05.2025;09:00–10:00;;'=Лекция;;;2\r\n";

fn try_to_read(bytes: &[u8]) -> bool {
    let draft = read(bytes, &Options::default(), &mut NoCompanions);
    match draft {
        Ok(draft) => {
            for notice in draft.skipped.iter().chain(&draft.warnings) {
                assert!(!notice.to_string().is_empty());
            }
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

#[test]
fn the_seeds_are_sound() {
    for text in SOUND.iter().chain([&TABLE]) {
        assert!(try_to_read(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_sound_file_cut_anywhere_is_refused() {
    for text in SOUND {
        let text = text.trim_end();
        for end in 0..text.len() {
            assert!(!try_to_read(&text.as_bytes()[..end]), "{text} cut at {end}");
        }
    }
}

#[test]
fn a_sound_file_with_a_flipped_head_is_refused() {
    for text in SOUND {
        let mut bytes = text.as_bytes().to_vec();
        for byte in bytes.iter_mut().take(8) {
            *byte ^= 0xff;
        }
        assert!(!try_to_read(&bytes));
        let mut first = text.as_bytes().to_vec();
        first[0] ^= 1;
        assert!(!try_to_read(&first));
    }
}

#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, usize, usize),
    Splice(prop::sample::Index, String),
}

fn damage() -> impl Strategy<Value = Damage> {
    use prop::sample::Index;
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        (any::<Index>(), 1_usize..40).prop_map(|(at, length)| Damage::Remove(at, length)),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..8))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<Index>(), 1_usize..60, 2_usize..20)
            .prop_map(|(at, length, times)| Damage::Repeat(at, length, times)),
        (
            any::<Index>(),
            prop::sample::select(vec![
                "<",
                ">",
                "&",
                ";",
                "\"",
                "'",
                ":",
                "\r",
                "\n ",
                "\\",
                "]]>",
                "<!--",
                "<!DOCTYPE a",
                "&#xffffffff;",
                "99999999999999999999",
                "-1",
                "null",
                "[",
                "{",
                "T",
                "Z",
                "қ",
                "\u{202e}",
                "BEGIN:VEVENT\n",
                "END:VEVENT\n",
                "RRULE:X\n",
                "+99:99",
                "P9W",
                "<a href=",
                "</p",
                ";;",
                "\"\"",
                "'=",
                "UTC+99:99",
                "\u{feff}",
            ])
        )
            .prop_map(|(at, text)| Damage::Splice(at, text.to_owned())),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    match damage {
        Damage::Flip(at, bits) => {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        Damage::Remove(at, length) => {
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.drain(at..end);
        }
        Damage::Insert(at, inserted) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, inserted.iter().copied());
        }
        Damage::Repeat(at, length, times) => {
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            let part = bytes[at..end].repeat(*times);
            bytes.splice(at..at, part);
        }
        Damage::Splice(at, text) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, text.bytes());
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        try_to_read(&bytes);
    }

    #[test]
    fn damaged_files_are_read_or_refused(
        seed in prop::sample::select([&SOUND[..], &[TABLE]].concat()),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let mut bytes = seed.as_bytes().to_vec();
        for damage in &damages {
            apply(&mut bytes, damage);
        }
        try_to_read(&bytes);
    }
}
