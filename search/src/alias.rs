//! Names of places in several spellings, which no rule of letters joins.

/// A place in each line, in folded letters: Kazakh, Russian and English, Latin spellings, older names.
/// A region is beside its main city only where both have one name.
const PLACES: &str = "\
абаи абаиская abai abay
акмола акмолинская aqmola akmola
актобе актюбе актюбинск актюбинская aktobe aqtobe aktyubinsk
алматы алматинская алмаата almaty almaata
атырау атырауская atyrau
жамбыл жамбылская zhambyl jambyl
жетису жетысу жетысуская zhetisu zhetysu jetisu
караганды караганда карагандинская qaraghandy qaragandy karaganda karagandy
костанаи костанаиская кустанаи kostanay kostanai qostanay qostanai
кызылорда кызылординская кзылорда qyzylorda kyzylorda kzylorda
мангыстау мангистау мангистауская mangystau mangistau mangghystau manghystau
павлодар павлодарская pavlodar
туркистан туркестан туркестанская turkistan turkestan
улытау улытауская ulytau
астана нурсултан astana nursultan
шымкент чимкент shymkent chimkent
актау aktau aqtau
семеи семипалатинск semey semei semipalatinsk
кокшетау кокчетав kokshetau kokchetav
конаев капчагаи konaev qonaev kapchagay
орал уральск oral uralsk
тараз taraz
талдыкорган taldykorgan taldyqorgan
петропавл петропавловск petropavl petropavlovsk
жезказган джезказган zhezkazgan jezqazgan
оскемен устькаменогорск oskemen ustkamenogorsk
бко зко wko
шко вко eko
ско nko
казакстан казахстан казахстанская kazakhstan qazaqstan kazakstan
озбекстан узбекистан узбекистон озбекистон uzbekistan ozbekiston
кыргызстан киргизия kyrgyzstan qyrgyzstan
тажикстан таджикистан точикистон tajikistan tojikiston
ташкент тошкент toshkent tashkent
бишкек bishkek
душанбе dushanbe
самарканд samarkand samarqand
бухара бухоро bukhara buxoro";

/// All lines, each as its names.
pub(crate) fn places() -> impl Iterator<Item = impl Iterator<Item = &'static str> + Clone> {
    PLACES.lines().map(|line| line.split(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    #[test]
    fn names_are_folded() {
        for name in places().flatten() {
            assert_eq!(words(name)[0].folded, name);
            assert_eq!(words(name).len(), 1, "{name}");
        }
    }
}
