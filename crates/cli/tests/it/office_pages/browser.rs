//! A browser without script: it keeps cookies, follows nothing by itself, and fills forms in.

use std::collections::BTreeMap;

use crate::bench::{Bench, PATIENCE};
use crate::operators::add;

/// What came back.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The lines that set cookies.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        let all = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        all.map(|(_, value)| value.as_str()).collect()
    }

    #[track_caller]
    pub(crate) fn has(&self, text: &str) {
        assert!(self.text.contains(text), "no {text} in {}", self.text);
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.text);
    }

    /// Every address that a link leads to.
    pub(crate) fn links(&self) -> Vec<String> {
        attributes(&self.text, "<a ", "href")
    }

    /// Everything that the last form of the page would send, but for what is hidden.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let form = self.text.rsplit("<form method=\"post\" action=\"/console/do/").next().unwrap();
        let plain = |text: &str| {
            let text = text.replace("&#34;", "\"").replace("&#39;", "'");
            text.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
        };
        let mut fields = Vec::new();
        for element in form.split('<').skip(1) {
            let (tag, behind) = element.split_once('>').unwrap_or((element, ""));
            let value = |name: &str| attributes(&format!("<{tag}>"), "<", name).pop();
            let Some(name) = value("name") else { continue };
            let is_checked = tag.ends_with(" checked");
            match tag.split_whitespace().next().unwrap() {
                "input" if tag.contains("type=\"hidden\"") => {}
                "input" if tag.contains("type=\"checkbox\"") && !is_checked => {}
                "input" => fields.push((name, plain(&value("value").unwrap_or_default()))),
                "textarea" => fields.push((name, plain(behind))),
                "select" => {
                    let (_, rest) = form.split_once(&format!("name=\"{name}\"")).unwrap();
                    let options = rest.split("</select>").next().unwrap();
                    let chosen = options.split("<option ").find(|o| o.contains(" selected>"));
                    let chosen =
                        chosen.map(|o| attributes(&format!("<option {o}"), "<option", "value"));
                    fields.extend(chosen.and_then(|mut all| all.pop()).map(|value| (name, value)));
                }
                _ => {}
            }
        }
        fields
    }

    /// The value of a hidden field; the first with the name.
    #[track_caller]
    pub(crate) fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.text.split_once(&mark).unwrap_or_else(|| panic!("no {name}"));
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The values of an attribute of every element that begins so.
pub(crate) fn attributes(text: &str, element: &str, name: &str) -> Vec<String> {
    let mark = format!(" {name}=\"");
    let elements = text.split(element).skip(1).filter_map(|rest| rest.split('>').next());
    let values = elements.filter_map(|element| {
        let element = format!(" {element}");
        let (_, value) = element.split_once(&mark)?;
        Some(value.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
    });
    values.collect()
}

/// The text of a form's body.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                b' ' => "+".to_owned(),
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The browser of one operator.
pub(crate) struct Browser {
    address: String,
    agent: ureq::Agent,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn open(bench: &Bench) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .max_idle_age(std::time::Duration::from_secs(3))
            .proxy(None)
            .build()
            .new_agent();
        Self { address: bench.address(), agent, cookies: BTreeMap::new() }
    }

    /// The browser of a new operator who has logged in.
    #[track_caller]
    pub(crate) fn of(bench: &Bench, login: &str, roles: &str) -> Self {
        add(bench, login, roles);
        let mut browser = Self::open(bench);
        browser.log_in(login, "password1").is(303);
        browser
    }

    #[track_caller]
    pub(crate) fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Page {
        let url = format!("{}{path}", self.address);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        if !self.cookies.is_empty() {
            let all = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header("cookie", all.collect::<Vec<_>>().join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = if method == "GET" {
            self.agent.run(request.body(()).unwrap())
        } else {
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            self.agent.run(request.body(body.as_bytes()).unwrap())
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let headers: Vec<_> = response
            .headers()
            .iter()
            .map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        let bytes = response.body_mut().read_to_vec().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let page = Page { status: response.status().as_u16(), headers, text };
        for cookie in page.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                let value = rest.split(';').next().unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    #[track_caller]
    pub(crate) fn get(&mut self, path: &str) -> Page {
        self.request("GET", path, &[], "")
    }

    /// A form as it is: whatever the fields say, and nothing more.
    #[track_caller]
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.request("POST", path, &[("sec-fetch-site", "same-origin")], &encoded(fields))
    }

    #[track_caller]
    pub(crate) fn log_in(&mut self, login: &str, password: &str) -> Page {
        self.post("/console/login", &[("login", login), ("password", password)])
    }

    /// Opens the form of a command, fills it in, and sends it.
    #[track_caller]
    pub(crate) fn fill(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = self.get(path);
        form.is(200);
        let (proof, once) = (form.hidden("_proof"), form.hidden("_once"));
        let mut all = vec![("_proof", proof.as_str()), ("_once", once.as_str())];
        all.extend_from_slice(fields);
        let place = path.split('?').next().unwrap();
        self.post(place, &all)
    }

    /// The same, and the page that it leads to.
    #[track_caller]
    pub(crate) fn done(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let sent = self.fill(path, fields);
        sent.is(303);
        let next = sent.header("location").to_owned();
        let page = self.get(&next);
        page.is(200);
        page
    }

    /// What proves that a form of this browser is ours.
    #[track_caller]
    pub(crate) fn proof(&mut self) -> String {
        self.get("/console").hidden("_proof")
    }
}
