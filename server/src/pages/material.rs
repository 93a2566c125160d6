//! Materials: one with its text and its file, and lists of them.

use keruen_domain::model::{FileInfo, Material, MaterialKind, View as _, fields};

use super::{Content, Frame, Html, View, in_language, markdown, sample, say, words};
use crate::content::SHOWN;

/// The page of one; a way back if it is one of several.
pub(super) fn page(view: View<'_>, material: &Material, is_one_of_several: bool) -> String {
    let words = view.words();
    let (title, about) = (material.title(), material.summary());
    let rest = ["/materials/", &material.id().to_string()].concat();
    let frame = Frame {
        title: view.best(&title),
        about: view.best(&about),
        view: Some(view),
        rest: if is_one_of_several { &rest } else { "" },
        in_app: "",
        language: view.language,
    };
    frame.around(|page| {
        if is_one_of_several {
            page.markup("<p class=\"share-back\"><a href=\"");
            page.text(&view.address(""));
            page.markup("\">← ");
            page.text(words.back);
            page.markup("</a></p>\n");
        }
        page.markup("<article class=\"share-thing\">\n<p class=\"share-kind\">");
        kind(page, view, material);
        page.markup("</p>\n<h1>");
        say(page, view, &title);
        let is_sample = material.record().members(fields::SAMPLE).next().is_some();
        sample(page, view, is_sample);
        page.markup("</h1>\n");
        if !about.is_empty() {
            page.markup("<p class=\"share-about\">");
            say(page, view, &about);
            page.markup("</p>\n");
        }
        if let Some(file) = material.file() {
            shown_file(page, view, material, &file);
            download(page, view, &file);
        }
        if let Some(url) = material.url() {
            page.markup("<p><a class=\"button\" rel=\"noopener noreferrer nofollow\" href=\"");
            page.text(url);
            page.markup("\">");
            page.text(words.materials_open_link);
            page.markup("</a></p>\n<p class=\"small quiet address\">");
            page.text(url);
            page.markup("</p>\n");
        }
        if let Some((text, language)) = material.body().best(view.language) {
            if let Some(language) = language.filter(|language| *language != view.language) {
                page.markup("<p>");
                in_language(page, view, language);
                page.markup("</p>\n");
            }
            markdown(
                page,
                view,
                without_heading(text, view.best(&title)),
                language,
                2,
            );
        }
        facts(page, view, material);
        page.markup("</article>\n");
    })
}

/// The page of all materials.
pub(super) fn list(view: View<'_>, content: &Content) -> String {
    let words = view.words();
    let title = content.programme.title();
    let frame = Frame {
        title: view.best(&title),
        about: words.agenda_materials,
        view: Some(view),
        rest: "",
        in_app: "",
        language: view.language,
    };
    frame.around(|page| {
        page.markup("<p class=\"share-kind\">");
        page.text(words.agenda_materials);
        page.markup("</p>\n<h1>");
        say(page, view, &title);
        sample(page, view, content.programme.is_sample(fields::TITLE));
        page.markup("</h1>\n");
        if content.materials.is_empty() {
            page.markup("<p>");
            page.text(words.materials_empty_title);
            page.markup("</p>\n");
        }
        rows(page, view, &content.materials, "h2");
    })
}

/// Materials one below the other, each with a way to its page.
pub(super) fn rows(page: &mut Html, view: View<'_>, materials: &[Material], heading: &'static str) {
    let mut materials: Vec<&Material> = materials.iter().collect();
    materials.sort_by_cached_key(|material| view.best(&material.title()).to_lowercase());
    page.markup("<ul class=\"share-rows\">\n");
    for material in materials {
        page.markup("<li class=\"card\"><p class=\"share-kind\">");
        kind(page, view, material);
        page.markup("</p><");
        page.markup(heading);
        page.markup("><a href=\"");
        page.text(&view.material_address(material.id()));
        page.markup("\">");
        say(page, view, &material.title());
        page.markup("</a></");
        page.markup(heading);
        page.markup(">");
        let about = material.summary();
        if !about.is_empty() {
            page.markup("<p class=\"quiet\">");
            say(page, view, &about);
            page.markup("</p>");
        }
        if let Some(file) = material.file() {
            download(page, view, &file);
        }
        page.markup("</li>\n");
    }
    page.markup("</ul>\n");
}

fn kind(page: &mut Html, view: View<'_>, material: &Material) {
    page.text(view.words().material_kind(material.kind()));
    if let Some(language) = material.language() {
        page.markup(" · <span lang=\"");
        page.markup(language.code());
        page.markup("\">");
        page.text(words::own_name(language));
        page.markup("</span>");
    }
}

/// What a browser can show on the page itself. Sound and film come when they are asked for.
fn shown_file(page: &mut Html, view: View<'_>, material: &Material, file: &FileInfo) {
    let is_shown = SHOWN.contains(&&*file.media_type);
    let title = material.title();
    let (before, after) = match material.kind() {
        MaterialKind::Picture if is_shown => {
            ("<p class=\"share-picture\"><img alt=\"", "\" src=\"")
        }
        MaterialKind::Audio if is_shown => (
            "<p><audio controls preload=\"none\" aria-label=\"",
            "\" src=\"",
        ),
        MaterialKind::Video if is_shown => (
            "<p><video controls preload=\"none\" aria-label=\"",
            "\" src=\"",
        ),
        _ => return,
    };
    page.markup(before);
    page.text(view.best(&title));
    page.markup(after);
    let medium = material.forms().and_then(|forms| forms.medium);
    let shown = medium.filter(|_| material.kind() == MaterialKind::Picture);
    let shown = shown.as_ref().unwrap_or(file);
    page.text(&view.file_address(&shown.sha256));
    page.markup(match material.kind() {
        MaterialKind::Audio => "\"></audio></p>\n",
        MaterialKind::Video => "\"></video></p>\n",
        _ => "\"></p>\n",
    });
}

fn download(page: &mut Html, view: View<'_>, file: &FileInfo) {
    let words = view.words();
    let size = words.size(view.language, file.size_bytes);
    page.markup("<p class=\"share-file\"><a class=\"button\" download href=\"");
    page.text(&view.file_address(&file.sha256));
    page.markup("\">");
    page.text(&words.materials_download.replace("{size}", &size));
    page.markup("</a> <span class=\"small quiet address\" dir=\"auto\">");
    page.text(&file.name);
    page.markup("</span></p>\n");
}

fn facts(page: &mut Html, view: View<'_>, material: &Material) {
    let words = view.words();
    let facts = [
        (words.materials_author, material.text(fields::AUTHOR)),
        (words.materials_licence, material.text(fields::LICENCE)),
    ];
    if facts.iter().all(|(_, value)| value.is_none()) {
        return;
    }
    page.markup("<dl class=\"facts\">");
    for (name, value) in facts {
        if let Some(value) = value {
            page.markup("<dt>");
            page.text(name);
            page.markup("</dt><dd dir=\"auto\">");
            page.text(value);
            page.markup("</dd>");
        }
    }
    page.markup("</dl>\n");
}

/// The text without its first heading, if that only says the material's title again.
fn without_heading<'t>(text: &'t str, title: &str) -> &'t str {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if first.strip_prefix("# ").map(str::trim) == Some(title.trim()) {
        rest.trim_start()
    } else {
        text
    }
}
