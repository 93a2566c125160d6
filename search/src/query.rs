//! What is asked, word by word, and how well a word of a text answers it.

use crate::alias;
use crate::fold;
use crate::script;
use crate::slip;
use crate::stem::Stems;
use crate::words::{Word, words};

/// Words that are in most texts: they must not keep a document from being found. Folded.
const COMMON: [&str; 44] = [
    "и",
    "в",
    "во",
    "на",
    "с",
    "со",
    "по",
    "к",
    "ко",
    "о",
    "об",
    "от",
    "до",
    "за",
    "из",
    "у",
    "не",
    "что",
    "как",
    "для",
    "при",
    "the",
    "a",
    "an",
    "of",
    "in",
    "on",
    "and",
    "to",
    "for",
    "is",
    "at",
    "by",
    "with",
    "мен",
    "жане",
    "ушин",
    "бен",
    "пен",
    "да",
    "де",
    "бул",
    "туралы",
    "about",
];
/// A whole text may be pasted into the field: what comes after is not asked for.
const MOST_WORDS: usize = 16;
/// A name of a place that is only begun stands for its other spellings from here on.
const FEWEST_LETTERS_OF_A_NAME: usize = 4;
/// A slip within a stem: what may follow it.
const MOST_LETTERS_AFTER_A_STEM: usize = 4;

/// How a word of a text answers a word of a query, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// With a letter that slipped.
    Slip = 1,
    /// It begins so when folded, is another spelling of a name, or another form of a word not yet ended.
    Near = 3,
    /// It begins so, or is another form of the word.
    Form = 4,
    /// The same letters when folded.
    Folded = 5,
    /// The same letters.
    Exact = 6,
}

/// One word of a query.
pub(crate) struct Asked {
    lower: String,
    folded: String,
    stems: Stems,
    /// Still being typed: longer words answer it.
    is_begun: bool,
    /// Found without it too.
    pub(crate) is_common: bool,
    /// Within quotes, as written but for folding.
    is_quoted: bool,
    /// With what its other forms begin.
    form_starts: Vec<String>,
    /// Other spellings of the place it names.
    names: Vec<(String, Stems)>,
    /// With what forms of these begin.
    name_starts: Vec<String>,
    /// The word, and its stems that are long enough for a slip.
    slips: Vec<Slipped>,
    /// How it sounds, and without its endings: for words in the other script.
    sounds: Vec<String>,
    is_cyrillic: bool,
}

/// A word or a stem that may have been meant but for a letter.
struct Slipped {
    typed: String,
    is_stem: bool,
    letters: usize,
}

/// A query, taken apart.
pub(crate) struct Query {
    pub(crate) asked: Vec<Asked>,
    /// Words in quotes that must follow each other, folded.
    pub(crate) phrases: Vec<Vec<String>>,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self {
            asked: Vec::new(),
            phrases: Vec::new(),
        };
        let mut is_quoted = false;
        let pieces: Vec<&str> = text.split(['"', '«', '»', '“', '”', '„']).collect();
        let last = pieces.len() - 1;
        for (number, piece) in pieces.into_iter().enumerate() {
            // A quote that is not closed yet is no quote.
            let is_phrase = is_quoted && number < last;
            query.add(piece, is_phrase, number == last);
            is_quoted = !is_quoted;
        }
        if query.asked.iter().all(|asked| asked.is_common) {
            for asked in &mut query.asked {
                asked.is_common = false;
            }
        }
        query
    }

    fn add(&mut self, piece: &str, is_phrase: bool, is_last: bool) {
        let found = words(piece);
        if is_phrase {
            let single = found.iter().filter(|word| !word.is_joined);
            let phrase: Vec<String> = single.map(|word| word.folded.clone()).collect();
            if phrase.len() > 1 {
                self.phrases.push(phrase);
            }
        }
        // Кзыл-Орда is a name of one word here, other chains are asked for part by part.
        let chains: Vec<&Word> = found
            .iter()
            .filter(|word| word.is_joined && is_name(&word.folded))
            .collect();
        for word in &found {
            let is_in_chain = chains.iter().any(|chain| {
                chain.range.start <= word.range.start && word.range.end <= chain.range.end
            });
            let is_chain = chains.iter().any(|chain| chain.range == word.range);
            if !is_phrase && (is_in_chain != is_chain || word.is_joined != is_chain) {
                continue;
            }
            if is_phrase && word.is_joined {
                continue;
            }
            let is_begun = is_last && word.range.end == piece.len();
            if self.asked.len() == MOST_WORDS {
                return;
            }
            self.asked.push(Asked::new(word, is_begun, is_phrase));
        }
    }
}

fn is_name(folded: &str) -> bool {
    alias::places().flatten().any(|name| name == folded)
}

impl Asked {
    fn new(word: &Word, is_begun: bool, is_quoted: bool) -> Self {
        let stems = Stems::of(&word.lower, &word.folded);
        let names = match is_quoted {
            true => Vec::new(),
            false => other_names(&word.folded, &stems, is_begun),
        };
        let sounds = match is_quoted {
            true => Vec::new(),
            false => sounds(&word.folded, &stems, is_begun),
        };
        let owned = |starts: Vec<&str>| starts.into_iter().map(str::to_owned).collect();
        let shortened = stems.shortened().map(|stem| (stem, true));
        let slips = [(word.folded.as_str(), false)].into_iter().chain(shortened);
        let slips = slips.map(|(typed, is_stem)| Slipped {
            typed: typed.to_owned(),
            is_stem,
            letters: typed.chars().count(),
        });
        Self {
            slips: slips
                .filter(|slip| slip.letters >= slip::FEWEST_LETTERS)
                .collect(),
            form_starts: owned(stems.beginnings()),
            name_starts: owned(
                names
                    .iter()
                    .flat_map(|(_, stems)| stems.beginnings())
                    .collect(),
            ),
            sounds,
            is_cyrillic: word.folded.chars().any(fold::is_cyrillic),
            lower: word.lower.clone(),
            is_common: !is_quoted && COMMON.contains(&word.folded.as_str()),
            folded: word.folded.clone(),
            stems,
            is_begun,
            is_quoted,
            names,
        }
    }

    /// Tells it from words that are answered otherwise.
    pub(crate) fn identity(&self) -> String {
        let (begun, quoted) = (u8::from(self.is_begun), u8::from(self.is_quoted));
        format!("{begun}{quoted}{} {}", self.lower, self.folded)
    }

    /// With what every word begins that may answer, slips aside. None is the beginning of another.
    pub(crate) fn beginnings(&self) -> Vec<&str> {
        let mut found = vec![self.folded.as_str()];
        if !self.is_quoted {
            found.extend(self.form_starts.iter().map(String::as_str));
            for sound in &self.sounds {
                found.extend(script::beginnings(sound, !self.is_cyrillic));
            }
            found.extend(self.names.iter().map(|(name, _)| name.as_str()));
            found.extend(self.name_starts.iter().map(String::as_str));
        }
        found.sort_unstable();
        found.dedup_by(|longer, shorter| longer.starts_with(*shorter));
        found
    }

    /// How well this word of a text answers; no slip is forgiven here. If it does not: no word that begins
    /// with so many bytes of its folded form does; zero if that is not known.
    pub(crate) fn answer(&self, lower: &str, folded: &str) -> Result<Match, usize> {
        if folded == self.folded {
            return Ok(if lower == self.lower {
                Match::Exact
            } else {
                Match::Folded
            });
        }
        if self.is_quoted {
            return Err(0);
        }
        if self.is_begun && lower.starts_with(&self.lower) {
            return Ok(Match::Form);
        }
        let begins_so = self.is_begun && folded.starts_with(&self.folded);
        let may_be_kin = begins_with_any(folded, &self.form_starts);
        if may_be_kin || begins_with_any(folded, &self.name_starts) {
            let stems = Stems::of(lower, folded);
            if may_be_kin && self.stems.is_kin(&stems) {
                // What is still being typed is rather the beginning of a word than a form of one.
                return Ok(if self.is_begun {
                    Match::Near
                } else {
                    Match::Form
                });
            }
            if self
                .names
                .iter()
                .any(|(name, others)| name == folded || others.is_kin(&stems))
            {
                return Ok(Match::Near);
            }
        }
        if begins_so || self.names.iter().any(|(name, _)| name == folded) {
            return Ok(Match::Near);
        }
        match self.heard_in(folded) {
            Ok(()) => Ok(Match::Near),
            Err(Some(seen)) if !self.may_begin(&folded[..seen]) => Err(seen),
            Err(_) => Err(0),
        }
    }

    /// Whether a word in the other script sounds like this one. If it does not: how many bytes tell that,
    /// as far as they are known.
    fn heard_in(&self, folded: &str) -> Result<(), Option<usize>> {
        let is_cyrillic = folded.chars().next().is_some_and(fold::is_cyrillic);
        let may_be = |sound: &String| {
            is_cyrillic != self.is_cyrillic
                && script::beginnings(sound, is_cyrillic)
                    .iter()
                    .any(|start| folded.starts_with(start))
        };
        if !self.sounds.iter().any(may_be) {
            return Err(None);
        }
        let mut sounds = self.sounds.iter();
        let heard = |sound: &String| script::heard(sound, folded, self.is_begun);
        none_of(&mut sounds, heard)
    }

    /// Whether a word that is looked for by its letters may begin so.
    fn may_begin(&self, start: &str) -> bool {
        let names = self.names.iter().map(|(name, _)| name);
        let wanted = [&self.folded].into_iter().chain(&self.form_starts);
        let mut wanted = wanted.chain(names).chain(&self.name_starts);
        wanted.any(|wanted| wanted.starts_with(start) || start.starts_with(wanted.as_str()))
    }

    /// Whether one slip may be forgiven here.
    pub(crate) fn forgives(&self) -> bool {
        !self.is_quoted && self.folded.chars().count() >= slip::FEWEST_LETTERS
    }

    /// Whether this word is meant, but for one slip. If it is not: no word is that begins with so many
    /// bytes of it; zero if that is not known.
    pub(crate) fn slip_of(&self, folded: &str) -> Result<(), usize> {
        let slipped = |slip: &Slipped| {
            slip::slip(&slip.typed, folded, slip.is_stem || self.is_begun)?;
            let longest = slip.letters + MOST_LETTERS_AFTER_A_STEM;
            let is_near = !slip.is_stem || folded.chars().count() <= longest;
            is_near.then_some(()).ok_or(None)
        };
        none_of(&mut self.slips.iter(), slipped).map_err(|seen| seen.unwrap_or(0))
    }

    /// With what words begin that may be meant but for one slip, given all letters with which words
    /// begin: the first or second letter is right, or all that follow the first.
    pub(crate) fn slip_beginnings(&self, letters: &[char]) -> Vec<String> {
        let mut found = Vec::new();
        for slip in &self.slips {
            found.extend(slip.typed.chars().take(2).map(String::from));
            let mut later = slip.typed.chars();
            later.next();
            for letter in letters {
                found.push(format!("{letter}{}", later.as_str()));
                found.push(format!("{letter}{}", slip.typed));
            }
        }
        found.sort_unstable();
        found.dedup_by(|longer, shorter| longer.starts_with(shorter.as_str()));
        found
    }
}

/// Whether one of them is; if none is: how many bytes tell that, as far as it is known of each.
fn none_of<Item>(
    all: &mut dyn Iterator<Item = Item>,
    is: impl Fn(Item) -> Result<(), Option<usize>>,
) -> Result<(), Option<usize>> {
    let mut most = Some(0);
    for item in all {
        match is(item) {
            Ok(()) => return Ok(()),
            Err(seen) => most = most.zip(seen).map(|(one, other)| one.max(other)),
        }
    }
    Err(most)
}

fn begins_with_any(word: &str, starts: &[String]) -> bool {
    starts.iter().any(|start| word.starts_with(start.as_str()))
}

/// The other spellings of the place that is named, if it is one.
fn other_names(folded: &str, stems: &Stems, is_begun: bool) -> Vec<(String, Stems)> {
    let letters = folded.chars().count();
    let is_it = |name: &str| {
        if name == folded {
            return true;
        }
        if is_begun && letters >= FEWEST_LETTERS_OF_A_NAME && name.starts_with(folded) {
            return true;
        }
        stems
            .beginnings()
            .iter()
            .any(|start| name.starts_with(start))
            && stems.is_kin(&Stems::of(name, name))
    };
    let lines = alias::places().filter(|line| line.clone().any(is_it));
    let others = lines.flatten().filter(|name| *name != folded);
    others
        .map(|name| (name.to_owned(), Stems::of(name, name)))
        .collect()
}

/// How a word sounds, with and without its endings, where that says enough.
fn sounds(folded: &str, stems: &Stems, is_begun: bool) -> Vec<String> {
    let mut found = vec![script::sound(folded)];
    if is_begun && let Some(shorter) = found[0].strip_suffix('i') {
        // Wawi is the beginning of Вавьерня: the sound depends on what follows.
        found[0] = shorter.to_owned();
    }
    found.extend(stems.shortened().map(script::sound));
    found.retain(|sound| sound.len() >= script::FEWEST_LETTERS);
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_begins_like_a_word_that_cannot_answer_does_not_either(
            typed in "[абвik]{3,7}",
            word in "[абвik]{1,9}",
            end in "[абвik]{0,3}",
            is_begun: bool,
        ) {
            let query = Query::parse(&format!("{typed}{}", if is_begun { "" } else { " " }));
            let asked = &query.asked[0];
            let other_of = |seen: usize| format!("{}{end}", &word[..seen]);
            if let Err(seen @ 1..) = asked.answer(&word, &word) {
                let other = other_of(seen);
                prop_assert!(asked.answer(&other, &other).is_err(), "{typed} {word} {other}");
            }
            if let Err(seen @ 1..) = asked.slip_of(&word) {
                let other = other_of(seen);
                prop_assert!(asked.slip_of(&other).is_err(), "{typed} {word} {other}");
            }
        }

        #[test]
        fn what_is_a_slip_begins_as_is_looked_for(
            typed in "[абвгmn]{5,8}",
            meant in "[абвгmn]{3,9}",
            at in 0_usize..9,
            letter in "[абвгmn]",
            is_begun: bool,
        ) {
            // Half of the words are one slip away.
            let mut near = typed.clone();
            if let Some((start, old)) = typed.char_indices().nth(at) {
                near.replace_range(start..start + old.len_utf8(), &letter);
            }
            let query = Query::parse(&format!("{typed}{}", if is_begun { "" } else { " " }));
            let asked = &query.asked[0];
            for meant in [meant, near] {
                let letters: Vec<char> = meant.chars().take(1).collect();
                let starts = asked.slip_beginnings(&letters);
                if asked.slip_of(&meant).is_ok() {
                    prop_assert!(begins_with_any(&meant, &starts), "{} {}", typed, meant);
                }
            }
        }
    }
}
