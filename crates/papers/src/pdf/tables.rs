//! Tables on sheets: how wide the columns are, and rows that go on over the page.

use super::breaking::{Line, break_lines, full_width, line_width};
use super::layout::{INNER, Mark, SIDE, Sheets, leading};
use crate::paper::{Align, Table};
use crate::text::Text;

const SIZE: u32 = 9_000;
/// Between a rule and the words, to each side and above and below.
const INSET: u32 = 5_000;
const ABOVE: u32 = 3_500;

/// A row whose cells have been broken into lines.
struct Row {
    cells: Vec<Vec<Line>>,
    height: usize,
}

pub(super) fn lay_out(sheets: &mut Sheets<'_>, table: &Table) {
    let widths = widths(sheets, table);
    let head = table.head.as_ref().map(|head| {
        let strong = |cell: &Text| {
            let mut text = Text::default();
            text.push(&cell.words(), true);
            text
        };
        broken(sheets, &head.iter().map(strong).collect::<Vec<_>>(), &widths)
    });
    let rows: Vec<_> = table.rows.iter().map(|row| broken(sheets, row, &widths)).collect();
    let grid = Grid { table, widths, head };
    let first = rows.first().map_or(0, Row::points);
    sheets.need(grid.head.as_ref().map_or(0, Row::points) + first.min(200_000));
    grid.write_head(sheets);
    for row in &rows {
        grid.write(sheets, row);
    }
}

impl Row {
    fn points(&self) -> u32 {
        height_of(self.height)
    }
}

/// How high a row of so many lines is.
fn height_of(lines: usize) -> u32 {
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    lines.saturating_mul(leading(SIZE)).saturating_add(2 * ABOVE)
}

fn broken(sheets: &Sheets<'_>, cells: &[Text], widths: &[u32]) -> Row {
    let lines = |(cell, width): (&Text, &u32)| {
        break_lines(sheets.face, cell, SIZE, width.saturating_sub(2 * INSET))
    };
    let cells: Vec<_> = cells.iter().zip(widths).map(lines).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(1);
    Row { cells, height }
}

/// Each column gets what its longest cell takes, and what is over goes to all of them alike, or,
/// where the first column only names what stands beside it, to the last. If there is too little,
/// columns that need less than an equal share keep it, and the others share the rest.
fn widths(sheets: &Sheets<'_>, table: &Table) -> Vec<u32> {
    let wish_of = |at: usize| {
        let cells = table.head.iter().chain(&table.rows).filter_map(|row| row.get(at));
        let wide = cells.map(|cell| full_width(sheets.face, cell, SIZE)).max();
        wide.unwrap_or(0).saturating_add(2 * INSET + 1_000)
    };
    let mut widths: Vec<_> = (0..table.columns.len()).map(wish_of).collect();
    let wished = widths.iter().fold(0_u32, |sum, wish| sum.saturating_add(*wish));
    if let Some(over) = INNER.checked_sub(wished) {
        let extra = over / u32::try_from(widths.len()).unwrap_or(u32::MAX).max(1);
        match (table.head.is_some(), widths.last_mut()) {
            (false, Some(last)) => *last += over,
            _ => widths.iter_mut().for_each(|width| *width += extra),
        }
        return widths;
    }
    let (mut left, mut open) = (INNER, widths.len());
    let mut fitting = vec![false; widths.len()];
    loop {
        let share = left / u32::try_from(open).unwrap_or(u32::MAX).max(1);
        let open_before = open;
        for (width, fits) in widths.iter().zip(&mut fitting) {
            if !*fits && *width <= share {
                (*fits, left, open) = (true, left.saturating_sub(*width), open.saturating_sub(1));
            }
        }
        if open == open_before || open == 0 {
            let large = widths.iter_mut().zip(fitting).filter(|(_, fits)| !fits);
            large.for_each(|(width, _)| *width = share);
            return widths;
        }
    }
}

struct Grid<'t> {
    table: &'t Table,
    widths: Vec<u32>,
    head: Option<Row>,
}

impl Grid<'_> {
    fn write_head(&self, sheets: &mut Sheets<'_>) {
        if let Some(head) = &self.head {
            let (x, y, width) = (SIDE, sheets.y, self.widths.iter().sum());
            sheets.mark(Mark::Shade { x, y, width, height: head.points() });
            self.piece(sheets, head, 0, head.height);
        }
    }

    /// Writes a row whole, on the next sheet if need be; one that is higher than a sheet goes on
    /// over as many as it takes.
    fn write(&self, sheets: &mut Sheets<'_>, row: &Row) {
        let mut from = 0;
        let mut turned = false;
        while from < row.height {
            let room = sheets.left().saturating_sub(2 * ABOVE) / leading(SIZE);
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let rest = row.height - from;
            if room < rest && !turned {
                sheets.turn();
                self.write_head(sheets);
                turned = true;
                continue;
            }
            let count = rest.min(room.max(1));
            self.piece(sheets, row, from, count);
            from += count;
            turned = false;
        }
    }

    /// Writes some lines of a row, with rules around its cells.
    fn piece(&self, sheets: &mut Sheets<'_>, row: &Row, from: usize, count: usize) {
        let (top, bottom) = (sheets.y, sheets.y + height_of(count));
        let mut x = SIDE;
        for ((cell, width), align) in row.cells.iter().zip(&self.widths).zip(&self.table.columns) {
            sheets.frame(x, x + width, top, bottom);
            let mut y = top + ABOVE;
            for line in cell.iter().skip(from).take(count) {
                let at = match align {
                    Align::Left => x + INSET,
                    Align::Right => (x + width).saturating_sub(INSET + line_width(line)).max(x),
                };
                sheets.write(line, at, y, SIZE);
                y += leading(SIZE);
            }
            x += width;
        }
        sheets.y = bottom;
    }
}
