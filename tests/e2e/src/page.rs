//! What a person does with a page: finds things by what they are called, reads, types.

use std::cell::RefCell;
use std::path::Path;

use anyhow::{Context, Result};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::wait::eventually;
use crate::webdriver::SessionCommand;

/// What is in the last screen, which is shown until the app has started: looked at only by the
/// tests that are about it, since others want to know what the app shows.
const KEPT_SCREEN: &str = "#kept-screen *";

/// Elements that may have the role, to ask only those for it.
fn candidates(role: &str) -> String {
    let native = match role {
        "button" => "button, summary, input[type=submit], input[type=button]",
        "link" => "a[href]",
        "textbox" => {
            "textarea, input:not([type]), input[type=text], input[type=url], [contenteditable]"
        }
        "searchbox" => "input[type=search]",
        "heading" => "h1, h2, h3, h4, h5, h6",
        "navigation" => "nav",
        "main" => "main",
        "article" => "article",
        "region" => "section",
        "dialog" => "dialog",
        "checkbox" => "input[type=checkbox]",
        "radio" => "input[type=radio]",
        "combobox" => "select, input[list]",
        "listitem" => "li",
        "list" => "ul, ol",
        "img" | "image" => "img, svg",
        "status" => "output",
        _ => "",
    };
    let separator = if native.is_empty() { "" } else { ", " };
    format!(":is({native}{separator}[role=\"{role}\"]):not({KEPT_SCREEN})")
}

impl Browser {
    /// Opens an address.
    pub async fn open(&self, url: &str) -> Result<()> {
        let opened = self.client()?.goto(url).await;
        opened.with_context(|| format!("cannot open {url}"))
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.client()?.refresh().await?)
    }

    /// Waits for a visible element with the role and the accessible name.
    pub async fn find(&self, role: &str, name: &str) -> Result<Element> {
        let client = self.client()?;
        let what = format!("a {role} named \"{name}\" is on the page");
        let found = eventually(&what, || find_now(client, role, name)).await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => Err(error.context(self.seen().await)),
        }
    }

    /// Whether such an element is on the page just now.
    pub async fn has(&self, role: &str, name: &str) -> Result<bool> {
        Ok(find_now(self.client()?, role, name).await?.is_some())
    }

    /// Waits for the element and clicks it.
    pub async fn click(&self, role: &str, name: &str) -> Result<()> {
        let client = self.client()?;
        let what = format!("the {role} \"{name}\" can be clicked");
        let refusal = RefCell::new(String::new());
        let clicked = eventually(&what, || async {
            let Some(element) = find_now(client, role, name).await? else {
                return Ok(None);
            };
            // A page that is just being redrawn may take the element away; then look again.
            match click_in_the_middle(client, element).await {
                Ok(()) => Ok(Some(())),
                Err(error) => {
                    *refusal.borrow_mut() = error.to_string();
                    Ok(None)
                }
            }
        })
        .await;
        match clicked {
            Ok(()) => Ok(()),
            Err(error) => {
                let seen = self.seen().await;
                Err(error.context(refusal.into_inner()).context(seen))
            }
        }
    }

    /// Types into the field with the label, after what is there.
    pub async fn type_into(&self, label: &str, text: &str) -> Result<()> {
        let field = self.find("textbox", label).await?;
        Ok(field.send_keys(text).await?)
    }

    /// Waits until the text can be read on the page.
    pub async fn sees(&self, text: &str) -> Result<()> {
        self.text_is(text, true).await
    }

    /// Waits until the text cannot be read on the page.
    pub async fn sees_no(&self, text: &str) -> Result<()> {
        self.text_is(text, false).await
    }

    /// Waits until a landmark, such as `main` or `header`, has this line: the whole of it.
    pub async fn sees_line(&self, landmark: &str, line: &str) -> Result<()> {
        let script = format!(
            "return document.querySelector('{landmark}:not({KEPT_SCREEN})')?.innerText ?? ''"
        );
        let what = format!("\"{line}\" is a line in the {landmark}");
        let seen = eventually(&what, || async {
            let text = self.run(&script).await.unwrap_or_default();
            let mut lines = text.as_str().unwrap_or_default().lines();
            Ok(lines.any(|found| found.trim() == line).then_some(()))
        })
        .await;
        match seen {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.seen().await)),
        }
    }

    /// The path of the page's address, with its query.
    pub async fn path(&self) -> Result<String> {
        let path = self
            .run("return location.pathname + location.search")
            .await?;
        Ok(path.as_str().unwrap_or_default().to_owned())
    }

    /// All text that can be read on the page just now.
    pub async fn text(&self) -> Result<String> {
        let text = self
            .run(
                "const kept = document.querySelector('#kept-screen');
                 return (kept?.nextElementSibling ?? document.body)?.innerText ?? ''",
            )
            .await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page and returns its value.
    pub async fn run(&self, script: &str) -> Result<Value> {
        Ok(self.client()?.execute(script, Vec::new()).await?)
    }

    /// Runs the body of an asynchronous function in the page and returns its value.
    pub async fn run_async(&self, body: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then(
                value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let mut answer = self.client()?.execute_async(&script, Vec::new()).await?;
        if let Some(error) = answer.get("error") {
            anyhow::bail!("the page says: {error}");
        }
        Ok(answer.get_mut("value").map(Value::take).unwrap_or_default())
    }

    /// Waits until an expression is true in the page.
    pub async fn until(&self, expression: &str) -> Result<()> {
        let script = format!("return Boolean({expression})");
        let fulfilled = eventually(expression, || async {
            // While a page is being replaced there is nothing to ask.
            let value = self.run(&script).await.unwrap_or_default();
            Ok((value == Value::Bool(true)).then_some(()))
        })
        .await;
        match fulfilled {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.seen().await)),
        }
    }

    /// Waits until a service worker answers for the page.
    pub async fn until_offline_ready(&self) -> Result<()> {
        self.run_async("await navigator.serviceWorker.ready")
            .await?;
        self.until("navigator.serviceWorker.controller !== null")
            .await
    }

    /// Opens a second tab and goes there; returns the first for [`Browser::switch_to`].
    pub async fn new_tab(&self) -> Result<fantoccini::wd::WindowHandle> {
        let client = self.client()?;
        let before = client.window().await?;
        let tab = client.new_window(true).await?;
        client.switch_to_window(tab.handle).await?;
        Ok(before)
    }

    /// Goes to a tab.
    pub async fn switch_to(&self, tab: fantoccini::wd::WindowHandle) -> Result<()> {
        Ok(self.client()?.switch_to_window(tab).await?)
    }

    /// A picture of the page as PNG.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        Ok(self.client()?.screenshot().await?)
    }

    /// A command of Chromium's own protocol, such as slowing the processor down.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let command = SessionCommand::devtools(command, &parameters);
        Ok(self.client()?.issue_cmd(command).await?)
    }

    /// Keeps from now on what the page hands out in this folder.
    pub async fn keep_downloads_in(&self, folder: &Path) -> Result<()> {
        let parameters = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", parameters)
            .await?;
        Ok(())
    }

    /// Chooses a file in the page's only field for one.
    pub async fn choose_file(&self, file: &Path) -> Result<()> {
        let path = file.to_str().context("a path that is text")?;
        let field = eventually("there is a field for a file", || async {
            let fields = self.client()?.find_all(Locator::Css("input[type=file]"));
            Ok(fields.await.unwrap_or_default().pop())
        })
        .await?;
        Ok(field.send_keys(path).await?)
    }

    /// Chooses files in the field that is called so.
    pub async fn choose_files_at(&self, words: &str, files: &[&Path]) -> Result<()> {
        let paths: Option<Vec<&str>> = files.iter().map(|file| file.to_str()).collect();
        let paths = paths.context("paths that are text")?.join("\n");
        let place = format!(
            "//input[@type='file'][@aria-label='{words}' or ancestor::label[normalize-space(.)='{words}']]"
        );
        let field = eventually("there is a field for files", || async {
            let fields = self.client()?.find_all(Locator::XPath(&place));
            Ok(fields.await.unwrap_or_default().pop())
        })
        .await?;
        Ok(field.send_keys(&paths).await?)
    }

    /// Runs a script in each page before any of its own, from the next page on.
    pub async fn prepare_pages(&self, script: &str) -> Result<()> {
        let parameters = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", parameters)
            .await?;
        Ok(())
    }

    async fn text_is(&self, text: &str, is_wanted: bool) -> Result<()> {
        let what = if is_wanted { "is" } else { "is not" };
        let result = eventually(&format!("\"{text}\" {what} to be read"), || async {
            let seen = self.text().await.unwrap_or_default();
            Ok((seen.contains(text) == is_wanted).then_some(()))
        })
        .await;
        match result {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(self.seen().await)),
        }
    }

    /// For the message of a failed test: where the browser is, what it shows and complained about.
    async fn seen(&self) -> String {
        let place = match self.client() {
            Ok(client) => client.current_url().await.map(String::from),
            Err(_) => Ok("no browser".to_owned()),
        };
        let text = self.text().await.unwrap_or_default();
        let complaints = self.complaints().await.unwrap_or_default();
        format!(
            "at {} the page reads:\n{text}\nComplaints: {complaints:#?}",
            place.unwrap_or_default()
        )
    }
}

/// Scrolls as a person does, away from bars that stay at the edges of the screen, and clicks.
async fn click_in_the_middle(client: &Client, element: Element) -> Result<()> {
    let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
    client
        .execute(script, vec![serde_json::to_value(&element)?])
        .await?;
    Ok(element.click().await?)
}

/// Looks once. An element that vanishes meanwhile is not there.
async fn find_now(client: &Client, role: &str, name: &str) -> Result<Option<Element>> {
    let elements = client
        .find_all(Locator::Css(&candidates(role)))
        .await
        .unwrap_or_default();
    for element in elements {
        if is_called(client, &element, role, name)
            .await
            .unwrap_or(false)
        {
            return Ok(Some(element));
        }
    }
    Ok(None)
}

async fn is_called(client: &Client, element: &Element, role: &str, name: &str) -> Result<bool> {
    let id = element.element_id();
    let label = client
        .issue_cmd(SessionCommand::computed_label(&id))
        .await?;
    if label.as_str().map(str::trim) != Some(name) {
        return Ok(false);
    }
    let actual = client.issue_cmd(SessionCommand::computed_role(&id)).await?;
    Ok(actual.as_str() == Some(role) && element.is_displayed().await?)
}
