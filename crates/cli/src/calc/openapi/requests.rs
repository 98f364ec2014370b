//! What requests may hold, kind by kind.

/// What stands in a field.
#[derive(Clone, Copy)]
pub(super) enum Holds {
    /// Yuan as text, `"1000.00"`, or as a number.
    Amount,
    /// Percent as text, with or without a sign.
    Percent,
    /// `2024-02-29`.
    Date,
    /// A whole number.
    Count,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A number with a sign, or a quotient of two as text.
    Number,
    /// A schema of its own.
    Of(&'static str),
    /// A list of a schema.
    List(&'static str),
    /// A text that describes it, or a schema.
    TextOr(&'static str),
}

/// A field: its name, what stands in it, what it means.
pub(super) type Field = (&'static str, Holds, &'static str);

use Holds::{Amount, Count, Date, Flag, List, Number, Of, Percent, Text, TextOr, Word};

const METHODS: &[&str] =
    &["one-off", "interest-only", "equal-instalment", "equal-principal", "flat"];
const DAY_COUNTS: &[&str] =
    &["30/360", "30E/360", "ACT/360", "ACT/365", "ACT/364", "ACT/ACT", "ACT/ACT ISDA"];
const MODES: &[&str] = &["half-up", "half-even", "up", "down"];

/// A loan: schedule, cost, legal lines, standing.
const LOAN: &[Field] = &[
    ("principal", Amount, "What is lent (借款本金). Needed, unless `disbursements` has it."),
    ("rate", Percent, "Interest per year (年利率). One of the three rates is needed."),
    ("rate_per_month", Percent, "Interest per month (月利率), times 12 for the year."),
    ("rate_per_day", Percent, "Interest per day (日利率), times the basis of the day count."),
    ("n", Count, "How many periods (期数), 1 to 3650."),
    (
        "freq",
        Text,
        "Length of a period (还款频率): `1 month`, `2 weeks`, `15 days`. 1 month by itself.",
    ),
    ("term", Text, "The whole term (期限), in place of `n`: `12 months`, `90 days`."),
    ("days", Count, "A term in days with one payment at the end, in place of `n` and `term`."),
    (
        "method",
        Word(METHODS),
        "How it is repaid (还款方式); 一次性还本付息, 按期还息到期还本, 等额本息, 等额本金, 等本等息 are taken too.",
    ),
    ("amortization", Text, "Another name of `method`."),
    ("interest_method", Text, "`flat` for 等本等息, beside `amortization`."),
    ("start", Date, "Where the first period begins (起息日). Today in Asia/Shanghai by itself."),
    ("schedule_start", Date, "The same, where the first disbursement is later."),
    ("disbursed", Date, "The day of the disbursement (放款日), where it is not the start."),
    ("disbursements", List("OnDay"), "Several disbursements (分次放款)."),
    ("first", Date, "The first due date (首期还款日), where it is not one period after the start."),
    (
        "daycount",
        Word(DAY_COUNTS),
        "How days become parts of a year (计息基础). 30/360 by itself; ACT/360 for one payment after days.",
    ),
    (
        "calc_period",
        Text,
        "`daily` computes by days, ACT/365, with a level instalment of equal months.",
    ),
    (
        "month_end",
        Word(&["clamp", "roll"]),
        "The 31st in a short month (缺日规则): its last day, or the first of the next.",
    ),
    (
        "rounding",
        TextOr("Rounding"),
        "How figures become amounts (取整): `half-even`, `instalment up to 1`, or an object.",
    ),
    ("smoothing", Flag, "Whether instalments are kept as even as can be (均摊)."),
    ("instalment_multiple_of", Amount, "Instalments in multiples of this."),
    ("instalment", Amount, "A level instalment that is given (固定每期还款额)."),
    (
        "level_basis",
        Word(&["dates", "nominal"]),
        "Whether the level instalment is computed from the dates or from equal months.",
    ),
    ("rate_changes", List("RateChange"), "New rates in mid-life (调息)."),
    ("grace_principal", Count, "First periods without principal (本金宽限期)."),
    ("grace_interest", Count, "First periods in which interest need not be paid (付息宽限期)."),
    (
        "grace_interest_rule",
        Word(&["listed", "deferred"]),
        "Whether that interest stays in its rows or moves to the row after.",
    ),
    ("interest_free", Count, "First periods without interest (免息期)."),
    (
        "interest_free_rule",
        Word(&["waive", "defer"]),
        "Whether that interest is waived (免除) or charged afterwards (顺延).",
    ),
    ("down_payment", Text, "Paid back at once (首付): `25%` or `5000.00`."),
    (
        "fees",
        List("Fee"),
        "Fees (费用), at most 400; a text is `1.5% of outstanding`, charged each period.",
    ),
    (
        "fee",
        Text,
        "One fee in words, charged each period: `1.5% of instalment principal+interest`.",
    ),
    (
        "upfront_fee",
        Text,
        "A fee that is kept back from the disbursement (放款扣费): `1%` or `300.00`.",
    ),
    (
        "lender",
        Word(&["institution", "platform", "private"]),
        "Who lends, for the legal lines (出借方).",
    ),
    (
        "signed_on",
        Date,
        "The day of the contract, for the legal lines (签约日). The start by itself.",
    ),
    (
        "explain",
        Flag,
        "Whether the answer tells how each figure came about; as `explain=1` in the query.",
    ),
    ("payments", List("Event"), "Repayments (还款)."),
    ("events", List("Event"), "Repayments, settlements, fees and penalties."),
    ("charges", List("Event"), "Fees and penalties that were charged."),
    ("paid_instalments", Count, "So many of the first instalments were paid on their days."),
    ("business_date", Date, "The day in question: what is due, overdue, and what settles it."),
    ("payoff_date", Date, "The same: the day of a settlement (结清日)."),
    ("allocation", TextOr("Allocation"), "What a payment is used for first (冲抵顺序)."),
    ("strategy", Text, "Another name of `allocation`."),
    ("payment_strategy", Text, "Another name of `allocation`."),
    ("recalculate", Text, "`daily`: interest by the days really used; `none`: as scheduled."),
    (
        "prepayment",
        Word(&["smaller", "fewer", "next"]),
        "What an early payment does (提前还款): smaller instalments, fewer periods, or it counts for the next.",
    ),
    (
        "settlement_interest",
        Word(&["to-day", "to-period-end"]),
        "Interest of a settlement: to the day, or to the end of the period.",
    ),
    ("preclose", Text, "Another name of `settlement_interest`."),
    ("settlement_fee", Percent, "Fee of an early settlement (违约金), of the principal."),
    (
        "penalty",
        TextOr("Penalty"),
        "Penalty (罚息): `0.05% of overdue principal a day`, or an object.",
    ),
];

const FEE: &[Field] = &[
    ("name", Text, "What it is called."),
    (
        "time",
        Word(&["kept-back", "added", "each-period", "on"]),
        "When: kept back from the disbursement, added to the loan, with each row, or on a day.",
    ),
    ("on", Date, "The day of a fee that is charged once."),
    ("amount", Amount, "How much; or a share."),
    ("share", Percent, "What part of the base."),
    ("rate", Percent, "Another name of `share`."),
    (
        "base",
        Word(&["loan", "principal", "interest", "principal+interest", "outstanding"]),
        "What the share is of: the loan, or parts of the row, or the balance (剩余本金).",
    ),
];

const ROUNDING: &[Field] = &[
    ("mode", Word(MODES), "四舍五入, 四舍六入五成双, 进一, 去尾."),
    ("step", Amount, "The smallest unit of an instalment: `0.01` to `10000`."),
    ("interest", Of("RoundingStep"), "Mode and step of interest alone."),
    ("instalment", Of("RoundingStep"), "Mode and step of the instalment alone."),
    ("absorb", Word(&["smooth", "last", "first"]), "Which row takes what is left (尾差)."),
];

const ROUNDING_STEP: &[Field] =
    &[("mode", Word(MODES), "Direction."), ("step", Amount, "Smallest unit.")];

const PENALTY: &[Field] = &[
    ("rate", Percent, "Per day, or once."),
    (
        "base",
        Text,
        "`overdue principal`, `overdue principal+interest`, `overdue amount` or `outstanding`.",
    ),
    ("per", Word(&["day", "once"]), "How often."),
    ("grace_days", Count, "Days after the due date without penalty (宽限天数)."),
    (
        "grace_count",
        Word(&["from-due", "from-grace-end"]),
        "From where days are counted once the grace is over.",
    ),
    ("cap_days", Count, "At most so many days."),
    ("cap_amount", Amount, "At most so much."),
    ("cap_rate", Percent, "At most what this rate per year would give."),
    ("compounds", Flag, "Whether penalties bear penalties (复利)."),
];

const ALLOCATION: &[Field] = &[
    ("due", List("Part"), "Order of penalty, fee, interest, principal for what is due."),
    ("in_advance", List("Part"), "The same for what is paid early."),
    ("across", Word(&["instalments", "parts"]), "Row by row, or part by part over all rows."),
    ("sequence", Word(&["oldest", "newest"]), "Which row first."),
];

/// Loans whose rate is asked for.
const RATE_OF: &[Field] = &[
    ("principal", Amount, "What is lent."),
    ("payment", Amount, "What is paid each month."),
    ("n", Count, "How many months."),
];

const DRAWDOWN: &[Field] = &[
    ("drawdown", Amount, "What is received."),
    ("start", Date, "When, if payments have dates."),
    ("repayments", TextOr("Payments"), "`12 x 1120.00`, `510.00 after 5 days`, or a list."),
    ("freq", Text, "The length of a period."),
];

const DRAWDOWNS: &[Field] = &[
    ("drawdowns", TextOr("Payments"), "What is received, each with its date."),
    ("repayments", TextOr("Payments"), "What is paid, each with its date."),
];

const FINANCED: &[Field] = &[
    ("amount_financed", Amount, "What is financed, by Regulation Z."),
    ("payments", TextOr("Payments"), "`36 x 33.61`, or a list with dates."),
    ("unit_periods_per_year", Text, "`12`, `365/255`; not needed with dates."),
    ("t", Count, "Whole unit periods to the first payment."),
    ("f", Text, "The odd part of a unit period before it: `19/30`."),
    ("start", Date, "The advance, if payments have dates."),
];

const UPFRONT: &[Field] = &[
    ("contract", Amount, "The principal that the contract names."),
    ("received", Amount, "What was really received (砍头息)."),
    ("repaid", Amount, "What is paid back."),
    ("days", Count, "After how many days."),
];

const FLOWS: &[Field] = &[
    ("flows", List("Number"), "The first at time zero."),
    ("rate", Number, "Gives the present value at it; without it the answer is the IRR."),
];

const TVM: &[Field] = &[
    ("rate", Number, "Per period, as a fraction: `0.08/12`."),
    ("nper", Count, "How many payments. The answer is what is not given."),
    ("per", Count, "Gives the principal of that payment."),
    ("pmt", Number, "The payment."),
    ("when", Word(&["end", "begin"]), "When in its period a payment is made."),
    ("pv", Number, "Present value."),
    ("fv", Number, "Future value."),
];

const RATE_FACTORS: &[Field] = &[
    ("rate", Percent, "Per year."),
    ("daycount", Word(DAY_COUNTS), "How days become parts of a year."),
    ("periods", List("Period"), "Pairs of dates; the answer is what each adds to one yuan."),
];

const LPR: &[Field] = &[
    ("lpr", Percent, "The one-year LPR, one or a list."),
    ("times", Count, "4 by itself (四倍 LPR)."),
];

const SPLIT: &[Field] = &[
    ("total", Amount, "What is split."),
    ("shares", List("Amount"), "In what proportion; parts sum to the fen, by largest remainder."),
];

const ID: &[Field] =
    &[("id", Text, "A citizen's number (身份证号), GB 11643; 15 digits are upgraded.")];
const PAN: &[Field] = &[("pan", Text, "A card number (银行卡号): Luhn, bank and type.")];
const MOBILE: &[Field] = &[("mobile", Text, "A mainland mobile number: operator and kind.")];

/// Name, description, fields, needed fields.
pub(super) type Kind = (&'static str, &'static str, &'static [Field], &'static [&'static str]);

/// The kinds of requests, in the order in which they are told apart.
pub(super) const KINDS: &[Kind] = &[
    ("RateOf", "The rate of a loan from its payment.", RATE_OF, &["principal", "payment", "n"]),
    ("Loan", "A loan: schedule, totals, annual rates, legal lines, standing.", LOAN, &[]),
    (
        "Drawdown",
        "Rates of one advance and its repayments, EU and IRR.",
        DRAWDOWN,
        &["drawdown", "repayments"],
    ),
    (
        "Drawdowns",
        "Rates of several advances and their repayments, by dates.",
        DRAWDOWNS,
        &["drawdowns", "repayments"],
    ),
    ("Financed", "US Regulation Z, Appendix J.", FINANCED, &["amount_financed", "payments"]),
    ("Upfront", "A loan with interest taken up front.", UPFRONT, &["received", "repaid", "days"]),
    ("Flows", "IRR or present value of flows.", FLOWS, &["flows"]),
    (
        "Tvm",
        "Payment, parts of a payment, number of payments, as spreadsheets have them.",
        TVM,
        &["rate"],
    ),
    (
        "RateFactors",
        "What periods add to one yuan.",
        RATE_FACTORS,
        &["rate", "daycount", "periods"],
    ),
    ("Lpr", "Multiples of the LPR.", LPR, &["lpr"]),
    ("Split", "Parts of an amount.", SPLIT, &["total", "shares"]),
    ("CardNumber", "A bank card.", PAN, &["pan"]),
    ("MobileNumber", "A mobile number.", MOBILE, &["mobile"]),
    ("IdNumber", "An id number.", ID, &["id"]),
];

/// What stands in requests.
pub(super) const PARTS: &[Kind] = &[
    ("Fee", "A fee; a share or an amount.", FEE, &[]),
    ("Rounding", "Rounding.", ROUNDING, &[]),
    ("RoundingStep", "A direction and a step.", ROUNDING_STEP, &[]),
    ("Penalty", "A penalty.", PENALTY, &["rate"]),
    ("Allocation", "An order of allocation.", ALLOCATION, &[]),
];
