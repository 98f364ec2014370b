//! What the twin's tasks bring: invented, and the same every time.

use lending::ports::DataKind;
use serde_json::{Value, json};

use super::jobs::Plan;

/// The report of an operator about how a number is used.
pub(super) fn report(plan: &Plan) -> Value {
    let is_risky = *plan == Plan::Risky;
    let matches = if *plan == Plan::SomebodyElse { "不匹配" } else { "匹配" };
    let (lists, overdue, lenders, calls) = if is_risky { (3, 2, 8, 20) } else { (0, 0, 1, 0) };
    json!({
        "basicInfoCheck": [
            {"item": "idcard_match", "result": matches},
            {"item": "name_match", "result": matches},
        ],
        "personas": {
            "riskProfile": {
                "riskListCnt": lists,
                "overdueLoanCnt": overdue,
                "multiLendCnt": lenders,
                "riskCallCnt": calls,
            },
            "socialContactProfile": {
                "contactNumCnt": 86,
                "interflowContactCnt": "32",
                "freContactArea": "示例市",
            },
            "callProfile": {
                "avgCallCnt": "124",
                "avgCallTime": "10560",
                "silenceCnt": 2,
                "nightCallCnt": 11,
                "nightCallTime": 640,
            },
            "consumptionProfile": {"avgFeeMonth": "58.50"},
        },
    })
}

/// The data of a task.
pub(super) fn of(kind: DataKind) -> Value {
    match kind {
        DataKind::Mobile | DataKind::MobileReport => json!({"bills": [
            {"month": "2026-01", "fee": "58.00"}, {"month": "2026-02", "fee": "59.00"},
        ]}),
        DataKind::Jd | DataKind::Taobao => json!({"orders": [
            {"day": "2026-02-11", "amount": "129.90"}, {"day": "2026-02-24", "amount": "35.00"},
        ]}),
        DataKind::Education => json!({"degrees": [{"level": "本科", "year": 2012}]}),
        DataKind::Bill => json!({"bills": [
            {"bank": "示例银行", "month": "2026-02", "due": "2310.45", "limit": "20000.00"},
        ]}),
        DataKind::Ebank => json!({"flows": [
            {"day": "2026-02-05", "amount": "8000.00", "balance": "12650.13"},
        ]}),
    }
}
