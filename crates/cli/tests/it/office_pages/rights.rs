//! Every role at every page and every command.

use channel_kit::route::{Method, Place};
use lending::operators::Role;

use super::browser::Browser;
use crate::bench::{Bench, Store};
use crate::operators::on_both;

on_both! {
    every_role_meets_the_table
}

/// The paths of a page or a form, with numbers of things that are not there.
fn path(operation: &console::Operation, before: &str) -> String {
    let place = operation.place().replace("{id}", "999999").replace("{day}", "2026-01-01");
    format!("/console{before}{place}")
}

fn every_role_meets_the_table(store: Store) {
    let bench = Bench::start(store);
    let mut tried = 0;
    for role in Role::ALL {
        let mut browser = Browser::of(&bench, role.word(), role.word());
        let proof = browser.proof();
        for operation in console::operations() {
            let place = operation.place();
            if matches!(place, "/login" | "/logout" | "/overview" | "/me/password") {
                continue;
            }
            let may = match operation.access {
                console::Access::Open | console::Access::LoggedIn => true,
                console::Access::With(right) => role.rights().contains(&right),
            };
            let mut meets = |method: &str, path: String| {
                let page = match method {
                    "GET" => browser.get(&path),
                    _ => browser.post(&path, &[("_proof", &proof)]),
                };
                assert_eq!(page.status != 403, may, "{role:?} {method} {path}: {}", page.status);
                assert!(page.status < 500, "{role:?} {method} {path}: {}", page.text);
                tried += 1;
            };
            if operation.method == Method::Get {
                meets("GET", path(operation, ""));
                if operation.success.1.starts_with("{\"items\"") {
                    meets("GET", path(operation, "/export"));
                }
                continue;
            }
            meets("GET", path(operation, "/do"));
            // Without a field that is needed, nothing is done by those who may.
            let needs = operation.fields.iter().any(|f| f.place == Place::Body && f.required);
            let about_something = place.contains("{id}");
            if !may || needs || about_something {
                meets("POST", path(operation, "/do"));
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}
