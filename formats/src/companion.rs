use std::fmt;

/// The files beside an imported one: a folder on the server, a pack or a chosen folder in the
/// browser.
pub trait Companions {
    /// The bytes of the file at this path, which is relative, uses `/` and has no `..`.
    ///
    /// # Errors
    /// If there is no such file, or it is larger than [`crate::limits::MAX_COMPANION_BYTES`].
    fn read(&mut self, path: &str) -> Result<Vec<u8>, CompanionProblem>;
}

/// For files that stand alone.
pub struct NoCompanions;

impl Companions for NoCompanions {
    fn read(&mut self, _path: &str) -> Result<Vec<u8>, CompanionProblem> {
        Err(CompanionProblem::Missing)
    }
}

/// Why a file cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompanionProblem {
    /// There is none of this name.
    Missing,
    /// It is larger than [`crate::limits::MAX_COMPANION_BYTES`].
    TooLarge,
    /// It stands elsewhere, behind a link.
    Outside,
    /// It cannot be read; the system's words.
    Unreadable(String),
}

impl fmt::Display for CompanionProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("there is no such file"),
            Self::TooLarge => write!(
                formatter,
                "it is larger than {} MB",
                crate::limits::MAX_COMPANION_BYTES / 1024 / 1024
            ),
            Self::Outside => formatter.write_str("it is a link that leads out of the folder"),
            Self::Unreadable(problem) => write!(formatter, "it cannot be read: {problem}"),
        }
    }
}

/// Whether a path stays inside the folder it starts from, on any system.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::is_inside;

    #[test]
    fn paths_stay_inside() {
        assert!(is_inside("files/form.pdf"));
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "./a",
            "C:\\x",
            "a\\..\\b",
            "a/",
            "c:x",
        ] {
            assert!(!is_inside(path), "{path}");
        }
    }
}
