//! The parts of a SIP or telephone address (RFC 3261, RFC 3966), with or without its scheme.

/// An address in parts, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Address<'a> {
    pub scheme: Scheme,
    /// What is before the `@`, or the number of one without it; may be empty.
    pub user: &'a str,
    /// Without its port; empty for a telephone address.
    pub host: &'a str,
    /// Parameters of the user part.
    user_parameters: &'a str,
    /// Parameters of the address.
    parameters: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Scheme {
    /// None is written.
    #[default]
    None,
    /// `sip:` or `sips:`
    Sip,
    /// `tel:`
    Tel,
}

impl<'a> Address<'a> {
    pub fn parse(text: &'a str) -> Self {
        let (scheme, rest) = scheme(undressed(text.trim()));
        let rest = if scheme == Scheme::Tel { rest } else { before(rest, "?") };
        match rest.split_once('@') {
            Some((user, rest)) if scheme != Scheme::Tel => {
                let (user, user_parameters) = split(user, ';');
                let (host, parameters) = split(rest, ';');
                let (user, host) = (before(user, ":"), without_port(host));
                Self { scheme, user, host, user_parameters, parameters }
            }
            _ => Self::without_at(scheme, rest),
        }
    }

    /// A number, or a host alone.
    fn without_at(scheme: Scheme, rest: &'a str) -> Self {
        let (name, parameters) = split(rest, ';');
        let name = name.trim();
        if scheme == Scheme::Tel || is_dialled(name) {
            Self { scheme, user: name, parameters, ..Self::default() }
        } else {
            Self { scheme, host: without_port(name), parameters, ..Self::default() }
        }
    }

    /// The value of a parameter, empty for one that has none.
    pub fn parameter(&self, name: &str) -> Option<&'a str> {
        let all = self.parameters.split(';').chain(self.user_parameters.split(';'));
        let mut pairs = all.map(|parameter| split(parameter.trim(), '='));
        pairs.find(|(key, _)| !key.is_empty() && key.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
}

/// Whether a text is what one dials: digits with or without what makes them readable.
pub(super) fn is_dialled(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b" -.()/*#".contains(&b))
}

/// The address out of `"Name" <address>`.
fn undressed(text: &str) -> &str {
    let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(text, |(address, _)| address.trim())
}

fn scheme(text: &str) -> (Scheme, &str) {
    for (name, scheme) in [("sip:", Scheme::Sip), ("sips:", Scheme::Sip), ("tel:", Scheme::Tel)] {
        if let Some((start, rest)) = text.split_at_checked(name.len())
            && start.eq_ignore_ascii_case(name)
        {
            return (scheme, rest);
        }
    }
    (Scheme::None, text)
}

/// What is before and after the first `mark`.
fn split(text: &str, mark: char) -> (&str, &str) {
    text.split_once(mark).unwrap_or((text, ""))
}

fn before<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or(text, |(before, _)| before)
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => before(host, ":"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Scheme, &str, &str) {
        let address = Address::parse(text);
        (address.scheme, address.user, address.host)
    }

    #[test]
    fn addresses_come_apart() {
        use Scheme::{None, Sip, Tel};
        for (text, expected) in [
            ("sip:ann@contoso.com", (Sip, "ann", "contoso.com")),
            (" SIPS:ann:secret@contoso.com:5061 ", (Sip, "ann", "contoso.com")),
            ("\"Ann <x>\" <sip:ann@contoso.com;a=b>;tag=1", (Sip, "ann", "contoso.com")),
            ("sip:ann@[2001:db8::1]:5060", (Sip, "ann", "2001:db8::1")),
            ("ann@contoso.com?subject=hi@home", (None, "ann", "contoso.com")),
            ("tel:+49-30-1234567;ext=55", (Tel, "+49-30-1234567", "")),
            ("+49 30 1234567", (None, "+49 30 1234567", "")),
            ("sip:fe01.contoso.com:5061;transport=tls", (Sip, "", "fe01.contoso.com")),
            ("", (None, "", "")),
            ("é", (None, "", "é")),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn parameters_are_found_in_any_case_and_on_either_side() {
        let address = Address::parse("sip:+4930;ext=7@gw;User=Phone;gruu;opaque=a=b");
        assert_eq!(address.parameter("ext"), Some("7"));
        assert_eq!(address.parameter("user"), Some("Phone"));
        assert_eq!(address.parameter("GRUU"), Some(""));
        assert_eq!(address.parameter("opaque"), Some("a=b"));
        assert_eq!(address.parameter("tag"), None);
        assert_eq!(address.parameter(""), None);
    }
}
