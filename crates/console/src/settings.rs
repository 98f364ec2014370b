//! The settings of the platform as they take effect. They are changed where it is started.

use channel_kit::route::Method;
use lending::operators::Right;
use serde_json::json;

use crate::call::{Call, Route, route};
use crate::failure::Failure;
use crate::operation::{Access, Operation, query};
use crate::reply::Reply;
use crate::{Console, Setting};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list)]
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/settings",
    summary: "Settings and switches 设置 as they take effect, and where each comes from",
    access: Access::With(Right::SeeAudit),
    fields: &[query("which", "string", "all (the default), changed or switches")],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"name":"log.level","value":"info","origin":"default","changed":false,"about":"Log lines less serious than this are left out."}],"size":1000}"#,
    ),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let wanted: fn(&Setting) -> bool = match call.query("which") {
        None | Some("all") => |_| true,
        Some("changed") => |setting| !setting.is_default,
        Some("switches") => |setting| matches!(setting.value.as_str(), "true" | "false"),
        Some(_) => return Err(Failure::field("which")),
    };
    let all = console.settings.shown.iter().filter(|setting| wanted(setting));
    let items: Vec<_> = all
        .map(|setting| {
            json!({
                "name": setting.name,
                "value": setting.value,
                "origin": setting.origin,
                "changed": !setting.is_default,
                "about": setting.about,
            })
        })
        .collect();
    let reply = Reply::ok(&json!({ "items": items, "size": 1000 }));
    // Who may look is asked for as everywhere.
    call.read(&console, move |_, _| Ok(reply.clone())).await
}
