//! A value with its type: a parameter, a variable, what a function of the server returns.

use chrono::{DateTime, Utc};
use datafusion::sql::sqlparser::ast::{Expr, Value};

use crate::lower::{convert, string};
use crate::sql_type::{Length, SqlType};

/// A value written as text; bytes as `0x` and hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// None is NULL.
    pub text: Option<String>,
    pub sql_type: SqlType,
}

impl Literal {
    pub fn int(value: impl Into<i64>) -> Self {
        Self { text: Some(value.into().to_string()), sql_type: SqlType::Int }
    }

    pub fn name(text: impl Into<String>) -> Self {
        let sql_type = SqlType::NVarChar(Length::Limited(128));
        Self { text: Some(text.into()), sql_type }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), sql_type: SqlType::NVarChar(Length::Max) }
    }

    pub fn time(time: DateTime<Utc>, sql_type: SqlType) -> Self {
        let text = time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
        Self { text: Some(text), sql_type }
    }

    /// The value in a statement.
    pub fn expr(&self) -> Expr {
        let value = match &self.text {
            None => Expr::value(Value::Null),
            Some(text) => string(text),
        };
        let bytes = matches!(
            self.sql_type,
            SqlType::Binary(_) | SqlType::VarBinary(_) | SqlType::Image | SqlType::RowVersion
        );
        let style = bytes.then(|| Expr::value(Value::Number("1".into(), false)));
        convert(value, &self.sql_type.to_string(), style, false)
    }
}
