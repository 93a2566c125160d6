//! Commands of WebDriver that the client library has no method for.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::Value;
use url::{ParseError, Url};

/// A command below the address of the session.
#[derive(Debug)]
pub(crate) struct SessionCommand {
    path: String,
    body: Option<Value>,
}

impl SessionCommand {
    /// The role of an element as assistive technology is told.
    pub(crate) fn computed_role(element: &str) -> Self {
        Self::get(format!("element/{element}/computedrole"))
    }

    /// The name of an element as assistive technology is told.
    pub(crate) fn computed_label(element: &str) -> Self {
        Self::get(format!("element/{element}/computedlabel"))
    }

    /// A command of Chromium's own protocol, for what WebDriver cannot say.
    pub(crate) fn devtools(command: &str, parameters: &Value) -> Self {
        Self {
            path: "goog/cdp/execute".to_owned(),
            body: Some(serde_json::json!({ "cmd": command, "params": parameters })),
        }
    }

    /// What was written to the browser's console since the last call.
    pub(crate) fn console() -> Self {
        Self {
            path: "se/log".to_owned(),
            body: Some(serde_json::json!({ "type": "browser" })),
        }
    }

    fn get(path: String) -> Self {
        Self { path, body: None }
    }
}

impl WebDriverCompatibleCommand for SessionCommand {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        let session = session_id.unwrap_or_default();
        base_url.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match &self.body {
            Some(body) => (Method::POST, Some(body.to_string())),
            None => (Method::GET, None),
        }
    }
}
