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
