//! What a channel says about each of its calls: one table for the router, the description and
//! the coverage test.

/// A method of HTTP, as far as the documents use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PATCH.
    Patch,
    /// PUT.
    Put,
}

impl Method {
    /// In small letters, as in OpenAPI.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Patch => "patch",
            Self::Put => "put",
        }
    }
}

/// A code with its text. `{}` in the text stands for a part that varies. Codes are numbers or
/// texts, as the document has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<C = u16> {
    /// The code in the envelope.
    pub code: C,
    /// The text in the envelope.
    pub msg: &'static str,
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the JSON body.
    Body,
    /// In the path.
    Path,
    /// In the query.
    Query,
}

/// A field of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Its type in JSON schema: `integer`, `number`, `string`, `boolean`.
    pub kind: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub about: &'static str,
}

/// One call of a channel.
#[derive(Clone, Copy, Debug)]
pub struct Operation<C: 'static = u16> {
    /// Its method.
    pub method: Method,
    /// Its path as the router knows it, with `{id}` for parts that vary.
    pub path: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Whether a caller has to show who they are.
    pub protected: bool,
    /// Its fields, in the document's order.
    pub fields: &'static [Field],
    /// Every refusal it can give, in the order in which they are checked.
    pub refusals: &'static [Answer<C>],
    /// The data of a success, as an example in JSON.
    pub example: &'static str,
}

impl<C> Operation<C> {
    /// The path below the place of its channel.
    pub fn below(&self, prefix: &str) -> &'static str {
        self.path.strip_prefix(prefix).unwrap_or(self.path)
    }
}

/// Where a channel's addresses begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mount {
    /// Below the channel's own word, on the port of all channels.
    Prefixed,
    /// At the root of a port of its own, as the document prints them.
    Root,
}

impl Mount {
    /// What stands before every path.
    pub const fn before(self, prefix: &'static str) -> &'static str {
        match self {
            Self::Prefixed => prefix,
            Self::Root => "",
        }
    }
}

/// A field of the body that must be there.
pub const fn text(name: &'static str, about: &'static str) -> Field {
    Field { name, place: Place::Body, kind: "string", required: true, about }
}

/// A field of the body that may be left out.
pub const fn optional(name: &'static str, about: &'static str) -> Field {
    Field { required: false, ..text(name, about) }
}

/// The same field in the query.
pub const fn asked(field: Field) -> Field {
    Field { place: Place::Query, ..field }
}

/// The row of a call, for channels whose sections are an operation and the text of its success: their
/// own macro `section!` puts before it where the channel stands, and the module with its `Section`.
#[macro_export]
macro_rules! section_below {
    (
        $prefix:literal, $($place:ident)::+;
        $(#[$doc:meta])*
        $name:ident: $method:ident $path:literal, $summary:literal, $protected:ident;
        fields: [$($field:expr),* $(,)?];
        refusals: [$($refusal:expr),* $(,)?];
        success: $success:expr, $example:literal;
    ) => {
        $(#[$doc])*
        pub(crate) static $name: $($place)::+::Section = $($place)::+::Section {
            operation: $crate::route::Operation {
                method: $crate::route::Method::$method,
                path: concat!($prefix, $path),
                summary: $summary,
                protected: $($place)::+::$protected,
                fields: &[$($field),*],
                refusals: &[$($refusal),*],
                example: $example,
            },
            success: $success,
        };
    };
}

/// A call with the text of its success.
#[derive(Clone, Copy, Debug)]
pub struct Section<C: 'static = u16> {
    /// Its path and fields, and the refusals in the order in which they are checked.
    pub operation: Operation<C>,
    /// Code and text of its success.
    pub success: Answer<C>,
}
