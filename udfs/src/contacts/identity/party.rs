//! What kind of party an address stands for.

use super::address::{Address, Scheme, is_dialled};

/// The party behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Party<'a> {
    /// Nobody that could be told from another.
    Anonymous,
    /// A person's or an application's address.
    User { user: &'a str, host: &'a str },
    /// What was dialled, where it may be a number of the whole world.
    Telephone { number: &'a str, extension: Option<&'a str>, host: &'a str },
    /// A number that means something within `context` alone, or after it where that has a `+`.
    Local { number: &'a str, context: &'a str },
    /// A meeting.
    Conference { user: &'a str, host: &'a str, id: &'a str },
    /// An application or a server.
    Service { user: &'a str, host: &'a str, name: &'a str },
}

/// Names of [`Party`]s, in its order.
pub(super) const KINDS: [&str; 6] =
    ["anonymous", "user", "telephone", "extension", "conference", "service"];

/// What stands for a caller who does not want to be known.
const WITHHELD: [&str; 5] = ["anonymous", "private", "restricted", "unavailable", "unknown"];

impl<'a> Party<'a> {
    pub fn of(text: &'a str) -> Self {
        let address = Address::parse(text);
        if is_anonymous(&address) {
            return Self::Anonymous;
        }
        match address.parameter("opaque").and_then(application) {
            Some(application) => Self::of_application(&address, application),
            None if is_telephone(&address) => Self::of_telephone(&address),
            None if address.user.is_empty() => {
                Self::Service { user: "", host: address.host, name: "" }
            }
            None => Self::User { user: address.user, host: address.host },
        }
    }

    /// The position of its name in [`KINDS`].
    pub fn kind(&self) -> i8 {
        match self {
            Self::Anonymous => 0,
            Self::User { .. } => 1,
            Self::Telephone { .. } => 2,
            Self::Local { context, .. } if context.starts_with('+') => 2,
            Self::Local { .. } => 3,
            Self::Conference { .. } => 4,
            Self::Service { .. } => 5,
        }
    }

    fn of_application(address: &Address<'a>, application: &'a str) -> Self {
        let Address { user, host, .. } = *address;
        let is_meeting = application.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("conf:"));
        match application.split_once(":id:") {
            Some((_, id)) if is_meeting => Self::Conference { user, host, id },
            _ => Self::Service { user, host, name: application },
        }
    }

    fn of_telephone(address: &Address<'a>) -> Self {
        let (number, host) = (address.user, address.host);
        let extension = address.parameter("ext").filter(|ext| !ext.is_empty());
        match address.parameter("phone-context") {
            Some(context) if !number.starts_with('+') => Self::Local { number, context },
            _ => Self::Telephone { number, extension, host },
        }
    }
}

fn is_anonymous(address: &Address) -> bool {
    let Address { user, host, .. } = *address;
    let withheld = |name: &str| WITHHELD.iter().any(|w| w.eq_ignore_ascii_case(name));
    let nobody = user.is_empty() && host.is_empty();
    nobody
        || user.eq_ignore_ascii_case("anonymous")
        || host.eq_ignore_ascii_case("anonymous.invalid")
        || (user.is_empty() && withheld(host))
        || (withheld(user) && (address.scheme == Scheme::Tel || is_marked_telephone(address)))
}

fn is_telephone(address: &Address) -> bool {
    let dialled = is_dialled(address.user);
    address.scheme == Scheme::Tel
        || is_marked_telephone(address)
        || (dialled && (address.host.is_empty() || address.user.starts_with('+')))
}

fn is_marked_telephone(address: &Address) -> bool {
    address.parameter("user").is_some_and(|user| user.eq_ignore_ascii_case("phone"))
}

/// The application or server that a GRUU's opaque parameter names; none for a user's endpoint.
fn application(opaque: &str) -> Option<&str> {
    let opaque = opaque.trim_matches('"');
    let (scheme, name) = opaque.split_once(':')?;
    match scheme.to_ascii_lowercase().as_str() {
        "app" => Some(name),
        "srvr" => Some(opaque),
        _ => None,
    }
}
