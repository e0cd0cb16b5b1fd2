//! The dialect: what SQL Server people type, read by a parser that DataFusion plans.

use std::any::TypeId;

use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect};

/// DataFusion's generic grammar with SQL Server's identifiers (`[x]`, `#t`, `@p`), `alias = expr`
/// and nested joins without parentheses.
#[derive(Debug)]
pub(super) struct CdrDialect;

macro_rules! supports {
    ($($name:ident: $value:literal),* $(,)?) => {
        $(fn $name(&self) -> bool { $value })*
    };
}

impl Dialect for CdrDialect {
    /// The parser asks for this where it branches by dialect rather than by ability.
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        matches!(ch, '"' | '[')
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || matches!(ch, '_' | '#' | '@')
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch.is_ascii_digit() || matches!(ch, '_' | '#' | '@' | '$')
    }

    supports! {
        supports_dollar_placeholder: true,
        supports_eq_alias_assignment: true,
        supports_left_associative_joins_without_parens: false,
        supports_nested_comments: true,
        supports_object_name_double_dot_notation: true,
        supports_try_convert: true,
        supports_boolean_literals: true,
        supports_filter_during_aggregation: true,
        supports_group_by_expr: true,
        supports_group_by_with_modifier: true,
        supports_named_fn_args_with_rarrow_operator: true,
        supports_named_fn_args_with_expr_name: true,
        supports_parens_around_table_factor: true,
        supports_values_as_table_factor: true,
        supports_projection_trailing_commas: true,
        supports_from_first_select: true,
        supports_select_wildcard_except: true,
        supports_select_wildcard_exclude: true,
        supports_select_wildcard_replace: true,
        supports_dictionary_syntax: true,
        supports_struct_literal: true,
        supports_string_escape_constant: true,
        supports_unicode_string_literal: true,
        supports_window_clause_named_window_reference: true,
        supports_window_function_null_treatment_arg: true,
        supports_within_after_array_aggregation: true,
        supports_bitwise_shift_operators: true,
        supports_limit_comma: true,
        supports_explain_with_utility_options: true,
        allow_extract_custom: true,
        allow_extract_single_quotes: true,
        supports_extract_comma_syntax: true,
    }
}
