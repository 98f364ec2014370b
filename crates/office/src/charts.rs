//! Charts as plain shapes of SVG, drawn here so that pages need no script for them.

/// A bar, or a part of one; in units of the drawing.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) width: i64,
    pub(crate) height: i64,
    /// Which series it is of: `one` or `two`.
    pub(crate) class: &'static str,
    /// Said where a pointer rests on it.
    pub(crate) title: String,
}

/// A line through the drawing.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Its points, as SVG wants them.
    pub(crate) points: String,
    /// Its colour: a number from 0.
    pub(crate) class: usize,
    /// Said where a pointer rests on it.
    pub(crate) title: String,
    /// Its last point, which is marked.
    pub(crate) end: (i64, i64),
}

/// Values by place, in hundredths of a percent.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<i64>,
    /// Said where a pointer rests on it.
    pub(crate) said: String,
}

/// A text in the drawing.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) text: String,
    /// `start`, `middle` or `end`.
    pub(crate) anchor: &'static str,
}

/// A chart, and the same in words for those who do not see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) bars: Vec<Bar>,
    pub(crate) lines: Vec<i64>,
    /// Curves, and the names that go with their colours.
    pub(crate) curves: Vec<Line>,
    pub(crate) names: Vec<(usize, String)>,
    pub(crate) marks: Vec<Mark>,
    /// Class and name of each series.
    pub(crate) legend: Vec<(&'static str, String)>,
    /// Whether it takes the whole of a page.
    pub(crate) is_wide: bool,
    /// Said instead, where there is nothing to draw.
    pub(crate) empty: Option<String>,
}

/// One place on the axis with a value for each of two series.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) label: String,
    pub(crate) one: i64,
    pub(crate) two: i64,
    pub(crate) title: (String, String),
}

const WIDTH: i64 = 1080;
const HEIGHT: i64 = 240;
const LEFT: i64 = 56;
const BOTTOM: i64 = 24;
const TOP: i64 = 12;

/// Two bars for each place, over a common scale. Values are fen.
pub(crate) fn paired(title: String, legend: (String, String), pairs: &[Pair]) -> Chart {
    let most = pairs.iter().map(|pair| pair.one.max(pair.two)).max().unwrap_or(0);
    let top = round_up(most);
    let floor = HEIGHT - BOTTOM;
    let room = floor - TOP;
    let count = i64::try_from(pairs.len()).unwrap_or(1).max(1);
    let step = (WIDTH - LEFT) / count;
    let width = ((step - 2) / 2).clamp(1, 18);
    let scaled = |value: i64| {
        let share = i128::from(value) * i128::from(room) / i128::from(top.max(1));
        i64::try_from(share).unwrap_or(room).max(i64::from(value > 0))
    };
    let mut chart = Chart {
        title,
        width: WIDTH,
        height: HEIGHT,
        is_wide: true,
        legend: vec![("one", legend.0), ("two", legend.1)],
        ..Chart::default()
    };
    let every = (count / 10).max(1);
    for (place, pair) in (0_i64..).zip(pairs) {
        let x = LEFT + place * step;
        let both =
            [(x, pair.one, "one", &pair.title.0), (x + width + 1, pair.two, "two", &pair.title.1)];
        for (x, value, class, title) in both {
            let height = scaled(value);
            chart.bars.push(Bar {
                x,
                y: floor - height,
                width,
                height,
                class,
                title: title.clone(),
            });
        }
        if place % every == 0 {
            let text = pair.label.clone();
            chart.marks.push(Mark { x: x + width, y: HEIGHT - 6, text, anchor: "middle" });
        }
    }
    for quarter in 0..=4 {
        let y = floor - room * quarter / 4;
        chart.lines.push(y);
        let text = short(top / 4 * quarter + top % 4 * quarter / 4);
        chart.marks.push(Mark { x: LEFT - 8, y: y + 4, text, anchor: "end" });
    }
    chart
}

/// A curve for each series over places from 1 on; values are hundredths of a percent. `axis` names a
/// place, with `{}` for its number.
pub(crate) fn curved(title: String, axis: &str, curves: &[Curve], places: usize) -> Chart {
    let most = curves.iter().flat_map(|curve| &curve.points).copied().max().unwrap_or(0);
    // A scale of ten percent at least: a tenth of one is no mountain.
    let top = round_up(most).max(1_000);
    let floor = HEIGHT - BOTTOM;
    let room = floor - TOP;
    let count = i64::try_from(places).unwrap_or(1).max(1);
    let step = (WIDTH - LEFT - 24) / count;
    let at = |place: i64, value: i64| {
        let share = i128::from(value) * i128::from(room) / i128::from(top);
        (LEFT + step * place, floor - i64::try_from(share).unwrap_or(room))
    };
    let mut chart =
        Chart { title, width: WIDTH, height: HEIGHT, is_wide: true, ..Chart::default() };
    for (class, curve) in curves.iter().enumerate() {
        let points: Vec<_> =
            (1_i64..).zip(&curve.points).map(|(place, value)| at(place, *value)).collect();
        let Some(end) = points.last().copied() else { continue };
        let start = std::iter::once(at(0, 0));
        let text = start.chain(points).map(|(x, y)| format!("{x},{y}"));
        chart.curves.push(Line {
            points: text.collect::<Vec<_>>().join(" "),
            class,
            title: curve.said.clone(),
            end,
        });
        chart.names.push((class, curve.name.clone()));
    }
    for place in 1..=count {
        let text = axis.replace("{}", &place.to_string());
        let mark = Mark { x: LEFT + step * place, y: HEIGHT - 6, text, anchor: "middle" };
        chart.marks.push(mark);
    }
    for quarter in 0..=4 {
        let y = floor - room * quarter / 4;
        chart.lines.push(y);
        let value = top * quarter / 4;
        let text = if value % 100 == 0 {
            format!("{}%", value / 100)
        } else {
            format!("{}.{}%", value / 100, value % 100 / 10)
        };
        chart.marks.push(Mark { x: LEFT - 8, y: y + 4, text, anchor: "end" });
    }
    chart
}

/// One bar lying for each place. Values are fen or counts; `title` is what is written behind it.
pub(crate) fn lying(title: String, rows: &[(String, i64, String)]) -> Chart {
    const ROW: i64 = 34;
    const NAME: i64 = 92;
    const SAID: i64 = 200;
    const LYING: i64 = 520;
    let most = rows.iter().map(|(_, value, _)| *value).max().unwrap_or(0).max(1);
    let room = LYING - NAME - SAID;
    let mut chart = Chart { title, width: LYING, ..Chart::default() };
    let mut y = 6;
    for (label, value, said) in rows {
        let width = i128::from(*value) * i128::from(room) / i128::from(most);
        let width = i64::try_from(width).unwrap_or(room).max(i64::from(*value > 0) * 2);
        let bar = Bar { x: NAME, y, width, height: 20, class: "one", title: said.clone() };
        chart.bars.push(bar);
        let name = Mark { x: NAME - 10, y: y + 15, text: label.clone(), anchor: "end" };
        chart.marks.push(name);
        let said = Mark { x: NAME + width + 8, y: y + 15, text: said.clone(), anchor: "start" };
        chart.marks.push(said);
        y += ROW;
    }
    chart.height = y;
    chart
}

/// The next number of the form 1, 2 or 5 with zeros behind it.
fn round_up(value: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for step in [1, 2, 5] {
            let round = unit.saturating_mul(step);
            if round >= value || round == i64::MAX {
                return round.max(1);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Fen as yuan in a few signs.
fn short(fen: i64) -> String {
    let yuan = fen / 100;
    match yuan {
        0 => "0".to_owned(),
        1..10_000 => yuan.to_string(),
        10_000..1_000_000 if yuan % 10_000 == 0 => format!("{}k", yuan / 1_000),
        10_000..1_000_000 => format!("{}k", yuan / 1_000),
        _ => format!("{}m", yuan / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (value, round) in [(0, 1), (1, 1), (3, 5), (11, 20), (500, 500), (501, 1000)] {
            assert_eq!(round_up(value), round);
        }
        assert_eq!(round_up(i64::MAX), i64::MAX);
        assert_eq!(
            (short(99), short(1_000_000), short(10_000_000_000)),
            ("0".into(), "10k".into(), "100m".into())
        );
    }

    #[test]
    fn curves_stay_within_the_drawing() {
        let curve = |points: Vec<i64>| Curve { name: "x".into(), points, said: String::new() };
        let curves = [curve(vec![0, 2_500, 10_000]), curve(vec![10_000; 12]), curve(vec![])];
        let chart = curved(String::new(), "{}", &curves, 12);
        assert_eq!((chart.curves.len(), chart.names.len()), (2, 2));
        let (floor, step) = (HEIGHT - BOTTOM, (WIDTH - LEFT - 24) / 12);
        assert_eq!(chart.curves[0].end, (LEFT + 3 * step, TOP), "100 % is the top");
        assert!(chart.curves[0].points.starts_with(&format!("{LEFT},{floor} ")));
        for line in &chart.curves {
            assert!(line.end.0 <= WIDTH && line.end.1 >= TOP && line.end.1 <= floor, "{line:?}");
        }
    }

    #[test]
    fn bars_stay_within_the_drawing() {
        let pair =
            |one, two| Pair { label: "x".into(), one, two, title: (String::new(), String::new()) };
        let pairs: Vec<_> = (0..30).map(|n| pair(n * 100, i64::MAX / 2 / (n + 1))).collect();
        let chart = paired(String::new(), (String::new(), String::new()), &pairs);
        for bar in &chart.bars {
            assert!(bar.x >= LEFT && bar.x + bar.width <= WIDTH, "{bar:?}");
            assert!(bar.y >= TOP && bar.y + bar.height <= HEIGHT - BOTTOM, "{bar:?}");
        }
    }
}
