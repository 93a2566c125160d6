//! Five thousand materials and as many notes of 500 characters in three languages, the same at each run.
//!
//! As in real texts, some words are frequent and most are rare: one word in ten is made of two.

use serde_json::{Value, json};

const MATERIALS: usize = 5_000;
const NOTES: usize = 5_000;
/// With what the programme needs.
pub(crate) const TEXTS: usize = MATERIALS + NOTES;

const BODY_CHARACTERS: usize = 470;
/// Of every five texts two are Kazakh, two Russian, one English.
const LANGUAGES: [(&str, &str, &str); 5] = [KAZAKH, RUSSIAN, KAZAKH, RUSSIAN, ENGLISH];

/// Its code, beginnings of words, and ends of words.
const KAZAKH: (&str, &str, &str) = (
    "kk",
    "сабақ кітап мұражай шеберхана қоғам ауыл аймақ қала аудан мәдениет өнер сурет домбыра қолөнер кілем тоқыма зергер \
     мұра дәстүр әдебиет театр фестиваль көрме жәрмеңке кездесу жиналыс пікір тапсырма жоба жоспар күнтізбе уақыт ғимарат \
     мектеп кітапхана орталық серіктес қатысушы сарапшы ұстаз оқушы тұрғын қонақ нарық кәсіп табыс шығын баға тауар \
     қызмет бренд несие бюджет келісім құжат мақала байланыс құрал шикізат былғары ағаш күміс дала көлік тәжірибе",
    " лар дың ға да дан ды сы мыз ларда дағы мен",
);
const RUSSIAN: (&str, &str, &str) = (
    "ru",
    "музей мастер семинар вопрос ответ материал участник тренер эксперт проект план отчёт регион район институт театр \
     фестиваль праздник рынок товар бюджет грант договор документ список урок модуль опыт навык результат процесс \
     продукт бренд сайт канал фильм концерт танец костюм орнамент камень металл город посёлок автобус поезд партнёр \
     клиент фонд закон совет центр зал показ сезон спектакль архив реестр сюжет маршрут туризм индикатор",
    " а у ом е ы ов ам ами ах",
);
const ENGLISH: (&str, &str, &str) = (
    "en",
    "museum workshop question answer material trainer expert project region district theatre festival market product \
     budget grant contract document lesson module result process brand channel concert costume ornament metal village \
     partner client council centre season archive register route indicator agenda session visitor craft heritage",
    " s ing ed er",
);

/// Numbers that look random (SplitMix64), the same at each run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Below this.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits >> 33) as usize) % bound
    }
}

/// A text: its language, its title and the rest.
struct Text {
    language: &'static str,
    title: String,
    body: String,
}

impl Text {
    fn new(number: usize) -> Self {
        let mut dice = Dice(number as u64);
        let (language, stems, ends) = LANGUAGES[number % LANGUAGES.len()];
        let stems: Vec<&str> = stems.split(' ').filter(|stem| !stem.is_empty()).collect();
        let ends: Vec<&str> = ends.split(' ').collect();
        let mut word = || {
            // The first ones are more frequent.
            let before = dice.below(stems.len()) + 1;
            let mut word = stems[dice.below(before)].to_owned();
            if dice.below(10) == 0 {
                word.push_str(stems[dice.below(stems.len())]);
            }
            word.push_str(ends[dice.below(ends.len())]);
            word
        };
        let title = [word(), word(), word()].join(" ");
        let mut body = word();
        while body.chars().count() < BODY_CHARACTERS {
            body = [body, word()].join(" ");
        }
        Self {
            language,
            title,
            body,
        }
    }
}

/// The texts of the notes.
pub(crate) fn notes() -> impl Iterator<Item = String> {
    let texts = (MATERIALS..TEXTS).map(Text::new);
    texts.map(|text| [text.title, text.body].join("\n\n"))
}

/// A programme with the materials, in Keruen's own format.
pub(crate) fn programme() -> Value {
    let material = |number: usize| {
        let Text {
            language,
            title,
            body,
        } = Text::new(number);
        json!({
            "id": format!("material-{number}"),
            "kind": "text",
            "title": { language: title },
            "body": { language: body },
        })
    };
    json!({
        "keruen": 1,
        "programme": { "id": "texts", "title": { "en": "Five thousand texts" }, "public": true },
        "events": [],
        "people": [],
        "sessions": [],
        "materials": (0..MATERIALS).map(material).collect::<Vec<_>>(),
    })
}

/// What is typed: one word or two of a text, every fourth with two letters exchanged.
pub(crate) fn queries(count: usize) -> Vec<String> {
    let mut dice = Dice(20_261_123);
    let query = |number: usize| {
        let text = Text::new(dice.below(TEXTS)).body;
        let words: Vec<&str> = text.split(' ').collect();
        let start = dice.below(words.len() - 2);
        let mut typed: Vec<char> = words[start..=start + number % 2]
            .join(" ")
            .chars()
            .collect();
        if number % 4 == 3 && typed.len() > 5 {
            typed.swap(2, 3);
        }
        typed.into_iter().collect()
    };
    (0..count).map(query).collect()
}
