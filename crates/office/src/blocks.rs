//! What pages are made of; templates/block.html writes each.

use crate::charts::Chart;
use crate::words::Tone;

/// A value as it is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// `money`, `number`, `time`, `code`, `faint` or nothing.
    pub(crate) class: &'static str,
    /// Where a click leads, or nothing.
    pub(crate) href: String,
    /// Shown as a badge.
    pub(crate) badge: Option<Tone>,
}

/// A link or a button that leads somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) text: String,
    pub(crate) href: String,
    /// `primary`, `grave` or nothing.
    pub(crate) class: &'static str,
    /// Whether it is the page that is shown.
    pub(crate) is_here: bool,
}

impl Link {
    pub(crate) fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), class: "", is_here: false }
    }
}

/// Labels and values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) title: String,
    pub(crate) rows: Vec<(String, Cell)>,
    /// Whether they take the whole of a page.
    pub(crate) is_wide: bool,
}

impl Facts {
    /// The same over the whole of a page.
    pub(crate) fn wide(self) -> Self {
        Self { is_wide: true, ..self }
    }
}

/// The head of a column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) label: String,
    pub(crate) class: &'static str,
    /// Where a click sorts the list by it, or nothing.
    pub(crate) href: String,
    /// Whether the list is sorted by it.
    pub(crate) is_order: bool,
}

/// A row, and what can be done with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    pub(crate) links: Vec<Link>,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// Whether any row has links.
    pub(crate) has_links: bool,
    /// Title and sentence instead of no rows.
    pub(crate) empty: (String, String),
    pub(crate) pager: Option<Pager>,
}

/// Where one is in a long list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pager {
    pub(crate) here: String,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One line.
    Line,
    /// An amount or a rate.
    Decimal,
    /// A whole number.
    Whole,
    /// A day.
    Day,
    /// What nobody may read over the shoulder.
    Password,
    /// Several lines.
    Text,
    /// One of several.
    Select,
    /// Any of several.
    Boxes,
}

/// A choice of a field.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) is_chosen: bool,
}

/// A field of a form.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// Which form of a page it is in.
    pub(crate) form: &'static str,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) is_required: bool,
    /// What is wrong with it.
    pub(crate) error: Option<String>,
}

impl Input {
    /// What a label and its field share.
    pub(crate) fn mark(&self) -> String {
        format!("{}-{}", self.form, self.name)
    }

    /// The type of the element.
    pub(crate) fn html_type(&self) -> &'static str {
        match self.kind {
            Kind::Day => "date",
            Kind::Password => "password",
            Kind::Line | Kind::Decimal | Kind::Whole | Kind::Text | Kind::Select | Kind::Boxes => {
                "text"
            }
        }
    }

    /// Which keys a telephone offers.
    pub(crate) fn keys(&self) -> &'static str {
        match self.kind {
            Kind::Decimal => "decimal",
            Kind::Whole => "numeric",
            Kind::Line | Kind::Day | Kind::Password | Kind::Text | Kind::Select | Kind::Boxes => {
                "text"
            }
        }
    }
}

/// A form that does something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) title: String,
    pub(crate) action: String,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) inputs: Vec<Input>,
    /// Said above the fields.
    pub(crate) note: String,
    /// A refusal of the whole.
    pub(crate) error: Option<String>,
    pub(crate) send: String,
    /// Another command that the same fields can be sent to.
    pub(crate) other: Option<Link>,
    /// Where one gets without sending.
    pub(crate) cancel: String,
    pub(crate) is_grave: bool,
}

/// A form that looks for something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters {
    pub(crate) action: String,
    pub(crate) inputs: Vec<Input>,
    /// Where the list can be had as files.
    pub(crate) exports: Vec<Link>,
    pub(crate) send: String,
    /// Where the answer is put in the page, for browsers with script; nothing: in its own page.
    pub(crate) target: String,
}

/// A number that somebody looks at each morning.
#[derive(Clone, Debug)]
pub(crate) struct Tile {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) note: String,
    pub(crate) href: String,
    pub(crate) tone: Tone,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) at: String,
    pub(crate) text: String,
    pub(crate) detail: String,
    pub(crate) tone: Tone,
}

/// A text as a QR code, and as words for who cannot scan it.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) title: String,
    /// Modules of a side, with the quiet zone around them.
    pub(crate) side: i32,
    /// The dark modules, as a path.
    pub(crate) path: String,
    pub(crate) note: String,
    /// What can be typed instead.
    pub(crate) text: String,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// Labels and values.
    Facts(Facts),
    /// A table.
    Table(Table),
    /// A form that does something.
    Form(Form),
    /// A form that looks for something.
    Filters(Filters),
    /// Numbers of the day.
    Tiles(Vec<Tile>),
    /// A chart.
    Chart(Chart),
    /// What happened, in order.
    Timeline(String, Vec<Moment>),
    /// A sentence that has to be seen.
    Notice(Tone, String),
    /// Something that a telephone reads from the screen.
    Picture(Picture),
}

impl Block {
    /// Whether it takes half of a wide page.
    pub(crate) fn is_half(&self) -> bool {
        match self {
            Self::Facts(facts) => !facts.is_wide,
            Self::Timeline(..) => true,
            Self::Chart(chart) => !chart.is_wide,
            Self::Table(_)
            | Self::Form(_)
            | Self::Filters(_)
            | Self::Tiles(_)
            | Self::Notice(..)
            | Self::Picture(_) => false,
        }
    }
}
