//! Rounding of a loan, from words and objects.

use kernel::Money;
use pricing::Problem;
use pricing::rounding::{Absorb, Mode, Per, Round, Rounding};
use serde_json::Value;

use super::fields::{Fields, malformed, parse_amount, text_of, word};

/// A text (`half-even`, `instalment up to 1`), or an object with `mode`, `step`, `absorb`,
/// `interest`, `instalment`; `instalment_multiple_of` and `smoothing` beside it.
pub(crate) fn rounding(fields: &Fields<'_>) -> Result<Rounding, Problem> {
    // Where levels ignore the calendar, each stretch of days is rounded for itself.
    let is_daily = fields.text("calc_period")?.is_some_and(|text| word(&text) == "daily");
    let mut interest_per = if is_daily { Per::Stretch } else { Per::Row };
    let smooth = Rounding { absorb: Absorb::Smooth, ..Rounding::default() };
    let mut rounding = match fields.value("rounding") {
        None => Rounding { interest_per, ..smooth },
        Some(Value::Object(map)) => {
            let own = fields.inside(&fields.name("rounding"), map);
            let both = round(&own, Round::FEN)?;
            let fen = both.to(both.mode);
            let interest = own.object("interest")?;
            let instalment = own.object("instalment")?;
            // A step that is given for both is meant for the instalment; interest stays in fen.
            let plain = Round::new(fen.mode, 1).unwrap_or_default();
            if let Some(own) = &interest
                && let Some(told) = per(own)?
            {
                interest_per = told;
            }
            Rounding {
                interest_per,
                interest: interest.map_or(Ok(plain), |own| round(&own, plain))?,
                instalment: instalment.map_or(Ok(both), |own| round(&own, both))?,
                absorb: absorb(&own)?,
            }
        }
        Some(value) => {
            let told = worded_rounding(&text_of(&fields.name("rounding"), value)?)?;
            Rounding { interest_per, ..told }
        }
    };
    if let Some(step) = fields.amount("instalment_multiple_of")?.filter(|step| step.fen() > 0) {
        let mode = rounding.instalment.mode;
        let field = fields.name("instalment_multiple_of");
        let round = Round::new(mode, step.fen());
        rounding.instalment = round.ok_or_else(|| Problem::range(field, "0.01", "10000"))?;
    }
    let is_told = fields.object_has("rounding", "absorb");
    let is_coarse =
        rounding.instalment.step() > 1 || matches!(rounding.instalment.mode, Mode::Up | Mode::Down);
    match fields.flag("smoothing")? {
        Some(true) => rounding.absorb = Absorb::Smooth,
        Some(false) => rounding.absorb = Absorb::Last,
        // A coarse instalment was chosen as it is, and stays so.
        None if is_coarse && !is_told => rounding.absorb = Absorb::Last,
        None => {}
    }
    Ok(rounding)
}

fn round(own: &Fields<'_>, otherwise: Round) -> Result<Round, Problem> {
    let mode = match own.text("mode")? {
        Some(text) => mode(&own.name("mode"), &text)?,
        None => otherwise.mode,
    };
    let step = own.amount("step")?.map_or(otherwise.step(), Money::fen);
    Round::new(mode, step).ok_or_else(|| Problem::range(own.name("step"), "0.01", "10000"))
}

fn per(own: &Fields<'_>) -> Result<Option<Per>, Problem> {
    match own.text("per")?.map(|text| word(&text)).as_deref() {
        None => Ok(None),
        Some("row") => Ok(Some(Per::Row)),
        Some("stretch") => Ok(Some(Per::Stretch)),
        Some(_) => Err(malformed(&own.name("per"), "row or stretch", "row 或 stretch")),
    }
}

fn mode(field: &str, text: &str) -> Result<Mode, Problem> {
    Ok(match word(text).as_str() {
        "half-up" | "四舍五入" => Mode::HalfUp,
        "half-even" | "bankers" => Mode::HalfEven,
        "up" | "ceil" | "ceiling" | "away-from-zero" | "进一" => Mode::Up,
        "down" | "floor" | "truncate" | "去尾" => Mode::Down,
        _ => {
            let expected = "half-up, half-even, up or down";
            return Err(malformed(field, expected, "half-up、half-even、up 或 down"));
        }
    })
}

fn absorb(own: &Fields<'_>) -> Result<Absorb, Problem> {
    match own.word("absorb")?.as_deref() {
        None | Some("smooth" | "smoothing") => Ok(Absorb::Smooth),
        Some("last") => Ok(Absorb::Last),
        Some("first") => Ok(Absorb::First),
        Some(_) => {
            Err(malformed(&own.name("absorb"), "last, first or smooth", "last、first 或 smooth"))
        }
    }
}

/// `half-even`, `instalment CEIL to 1`, `AWAY_FROM_ZERO (ceil to cent)`.
fn worded_rounding(text: &str) -> Result<Rounding, Problem> {
    let plain = word(text);
    let absorb = match plain.as_str() {
        "smooth" | "smoothing" => Some(Absorb::Smooth),
        "last" => Some(Absorb::Last),
        "first" => Some(Absorb::First),
        _ => None,
    };
    if let Some(absorb) = absorb {
        return Ok(Rounding { absorb, ..Rounding::default() });
    }
    let (of_instalment, rest) = match plain.strip_prefix("instalment-") {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let (direction, step) = rest.split_once("-to-").unwrap_or((rest, "0.01"));
    let mode = mode("rounding", direction)?;
    let step = match step {
        "fen" | "cent" => 1,
        "yuan" => 100,
        step => parse_amount("rounding", step)?.fen(),
    };
    let instalment =
        Round::new(mode, step).ok_or_else(|| Problem::range("rounding", "0.01", "10000"))?;
    let interest = if of_instalment { Round::FEN } else { Round::FEN.to(mode) };
    Ok(Rounding { interest, instalment, absorb: Absorb::Smooth, ..Rounding::default() })
}
