//! Regions of countries, for people to choose theirs from.

use std::collections::BTreeSet;

use keruen_domain::Language;
use keruen_domain::protocol::people::{Region, Texts};

/// See the first lines of the file.
const REGIONS: &str = include_str!("../data/regions.tsv");

/// The regions of the countries in which these regions lie, by ISO 3166-2 codes; in the order of the names
/// in Kazakh, as the file has them. Nothing for countries that are not known here.
pub fn of_countries<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<Region> {
    let countries: BTreeSet<&str> = codes.filter_map(country).collect();
    let lines = REGIONS.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(region)
        .filter(|region| country(&region.code).is_some_and(|country| countries.contains(country)))
        .collect()
}

/// What the region of this code is called; nothing if it is not known here.
pub fn name_of(code: &str) -> Texts {
    let mut known = REGIONS.lines().filter_map(region);
    let found = known.find(|region| region.code == code);
    found.map(|region| region.name).unwrap_or_default()
}

fn country(code: &str) -> Option<&str> {
    let (country, _) = code.split_once('-')?;
    Some(country)
}

fn region(line: &str) -> Option<Region> {
    let mut columns = line.split('\t');
    let code = columns.next()?.to_owned();
    let languages = [Language::Kazakh, Language::Russian, Language::English];
    let names = languages.iter().zip(columns);
    Some(Region {
        code,
        name: names
            .map(|(language, name)| (language.code().to_owned(), name.to_owned()))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_region_brings_those_of_its_country() {
        let regions = of_countries(["KZ-47", "KZ-75"].into_iter());
        assert_eq!(regions.len(), 20);
        assert!(regions.iter().all(|region| region.name.len() == 3));
        let mangystau = regions.iter().find(|region| region.code == "KZ-47");
        assert_eq!(mangystau.unwrap().name["kk"], "Маңғыстау облысы");
        assert_eq!(name_of("KZ-47")["ru"], mangystau.unwrap().name["ru"]);
        assert!(name_of("KZ-1").is_empty());
        assert!(of_countries(["XX-1", "KZ", ""].into_iter()).is_empty());
    }
}
