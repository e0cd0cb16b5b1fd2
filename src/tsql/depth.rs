//! How deep a statement's tree would be. The parser bounds what nests in parentheses, but reads
//! `1 + 1 + ...` and `a OR b OR ...` in a loop, and everything after it walks that tree by recursion.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::statement::position;
use crate::error::{Error, Result};

/// Operators in a row.
const LONGEST: usize = 2_000;

/// Refuses a chain of operators that would be too deep.
pub(super) fn check(tokens: &[TokenWithSpan]) -> Result<()> {
    // One count for each open parenthesis, begun anew at each comma.
    let mut chains = vec![0];
    for TokenWithSpan { token, span } in tokens {
        match token {
            Token::LParen => chains.push(0),
            Token::RParen if chains.len() > 1 => drop(chains.pop()),
            Token::Comma => chains.last_mut().into_iter().for_each(|chain| *chain = 0),
            token if links(token) => chains.last_mut().into_iter().for_each(|chain| *chain += 1),
            _ => {}
        }
        if chains.last().is_some_and(|chain| *chain > LONGEST) {
            let message = format!("here are more than {LONGEST} operators in a row");
            return Err(Error::statement(message)
                .at(position(span.start))
                .hinted("write IN (...) for many values, or join a table of them"));
        }
    }
    Ok(())
}

/// True for what stands between two operands, or before or behind one.
fn links(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.quote_style.is_none() && LINKING.contains(&word.keyword),
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Placeholder(_)
        | Token::Period
        | Token::LBrace
        | Token::RBrace
        | Token::RBracket => false,
        _ => true,
    }
}

const LINKING: [Keyword; 14] = [
    Keyword::AND,
    Keyword::OR,
    Keyword::NOT,
    Keyword::IS,
    Keyword::IN,
    Keyword::LIKE,
    Keyword::ILIKE,
    Keyword::BETWEEN,
    Keyword::UNION,
    Keyword::EXCEPT,
    Keyword::INTERSECT,
    Keyword::DIV,
    Keyword::AT,
    Keyword::COLLATE,
];

#[cfg(test)]
mod tests {
    use crate::tsql::{Params, split};

    fn parse(text: &str) -> Result<(), String> {
        split(text).unwrap()[0].parse(&Params::new()).map(drop).map_err(|e| e.message)
    }

    #[test]
    fn long_chains_are_refused_and_long_lists_are_not() {
        for chain in ["1 + ", "a OR ", "NOT ", "- "] {
            let error = parse(&format!("select {}1", chain.repeat(5_000))).unwrap_err();
            assert!(error.contains("in a row"), "{chain}: {error}");
        }
        let unions = format!("select 1 {}", "union all select 1 ".repeat(5_000));
        assert!(parse(&unions).unwrap_err().contains("in a row"));
        assert_eq!(parse(&format!("select {}1", "1 + 2, ".repeat(5_000))), Ok(()));
        assert_eq!(parse(&format!("select 1 in ({}1)", "1, ".repeat(50_000))), Ok(()));
    }
}
