//! Messages to a customer and to everybody (§24, §25).

use crate::failure::{FIELD_WRONG, MESSAGES_FOUND, SYSTEM_MESSAGES_FOUND};
use crate::section::{PAGE_NUM, PAGE_SIZE, section};

section! {
    OWN: "/appCommonApi/getCustomMessage", "获取客户消息 (§24)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE];
    refusals: [FIELD_WRONG];
    success: MESSAGES_FOUND, Sorted, r#"[{"id":"00000000-0000-8000-8000-000000000000","messageContent":"…","messageTitle":"…","messageType":"14","sendDate":"2026-11-09 01:03:14"}]"#;
}

section! {
    SYSTEM: "/openCommonApi/getSystemMessage", "获取系统消息 (§25)", OPEN;
    fields: [PAGE_NUM, PAGE_SIZE];
    refusals: [FIELD_WRONG];
    success: SYSTEM_MESSAGES_FOUND, Sorted, r#"[{"eventUrl":"","id":"00000000-0000-8000-8000-000000000000","messageContent":"…","messageTitle":"…","messageType":"1","sendDate":"2026-11-27 02:37:57"}]"#;
}
