//! One row of an answer, read by column name.

use kernel::{Date, Instant, Money};
use rusqlite::types::ValueRef;
use tokio_postgres::types::{FromSql, Type};

use crate::Fault;

/// A row of either engine. Columns are read by name; a wrong type is [`Fault::Corrupt`].
pub enum Row<'r> {
    /// From SQLite.
    #[doc(hidden)]
    Sqlite(&'r rusqlite::Row<'r>),
    /// From PostgreSQL.
    #[doc(hidden)]
    Postgres(&'r tokio_postgres::Row),
}

/// What SQLite has one type for: PostgreSQL calls `1` an INT4 and `a > b` a BOOL.
struct Integer(i64);

impl<'a> FromSql<'a> for Integer {
    fn from_sql(
        ty: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::BOOL => i64::from(bool::from_sql(ty, raw)?),
            Type::INT2 => i64::from(i16::from_sql(ty, raw)?),
            Type::INT4 => i64::from(i32::from_sql(ty, raw)?),
            _ => i64::from_sql(ty, raw)?,
        }))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8)
    }
}

fn corrupt(name: &str) -> Fault {
    Fault::Corrupt(name.to_owned())
}

impl Row<'_> {
    /// A BIGINT (or a truth value, 0 or 1), or `None` for NULL.
    pub fn opt_i64(&self, name: &str) -> Result<Option<i64>, Fault> {
        match self {
            Self::Sqlite(row) => match row.get_ref(name).map_err(|_| corrupt(name))? {
                ValueRef::Null => Ok(None),
                ValueRef::Integer(value) => Ok(Some(value)),
                ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => Err(corrupt(name)),
            },
            Self::Postgres(row) => {
                let value: Option<Integer> = row.try_get(name).map_err(|_| corrupt(name))?;
                Ok(value.map(|Integer(value)| value))
            }
        }
    }

    /// A BIGINT that is not NULL.
    pub fn i64(&self, name: &str) -> Result<i64, Fault> {
        self.opt_i64(name)?.ok_or_else(|| corrupt(name))
    }

    /// A TEXT, or `None` for NULL.
    pub fn opt_text(&self, name: &str) -> Result<Option<String>, Fault> {
        match self {
            Self::Sqlite(row) => match row.get_ref(name).map_err(|_| corrupt(name))? {
                ValueRef::Null => Ok(None),
                ValueRef::Text(bytes) => {
                    String::from_utf8(bytes.to_vec()).map(Some).map_err(|_| corrupt(name))
                }
                ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Err(corrupt(name)),
            },
            Self::Postgres(row) => row.try_get(name).map_err(|_| corrupt(name)),
        }
    }

    /// A TEXT that is not NULL.
    pub fn text(&self, name: &str) -> Result<String, Fault> {
        self.opt_text(name)?.ok_or_else(|| corrupt(name))
    }

    /// A BYTEA, or `None` for NULL.
    pub fn opt_blob(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        match self {
            Self::Sqlite(row) => match row.get_ref(name).map_err(|_| corrupt(name))? {
                ValueRef::Null => Ok(None),
                ValueRef::Blob(bytes) => Ok(Some(bytes.to_vec())),
                ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => Err(corrupt(name)),
            },
            Self::Postgres(row) => row.try_get(name).map_err(|_| corrupt(name)),
        }
    }

    /// A BYTEA that is not NULL.
    pub fn blob(&self, name: &str) -> Result<Vec<u8>, Fault> {
        self.opt_blob(name)?.ok_or_else(|| corrupt(name))
    }

    /// An amount in fen.
    pub fn money(&self, name: &str) -> Result<Money, Fault> {
        Money::from_fen(self.i64(name)?).ok_or_else(|| corrupt(name))
    }

    /// An instant in milliseconds since 1970.
    pub fn instant(&self, name: &str) -> Result<Instant, Fault> {
        self.i64(name).map(Instant::from_millis)
    }

    /// An instant, or `None` for NULL.
    pub fn opt_instant(&self, name: &str) -> Result<Option<Instant>, Fault> {
        Ok(self.opt_i64(name)?.map(Instant::from_millis))
    }

    /// A business day in a column `*_day`, kept as days since 1970.
    pub fn day(&self, name: &str) -> Result<Date, Fault> {
        Date::from_day_number(self.i64(name)?).ok_or_else(|| corrupt(name))
    }

    /// The same, or `None` for NULL.
    pub fn opt_day(&self, name: &str) -> Result<Option<Date>, Fault> {
        self.opt_i64(name)?.map_or(Ok(None), |number| {
            Date::from_day_number(number).map(Some).ok_or_else(|| corrupt(name))
        })
    }

    /// A business day as ISO text.
    pub fn date(&self, name: &str) -> Result<Date, Fault> {
        Date::parse(&self.text(name)?).ok_or_else(|| corrupt(name))
    }
}
