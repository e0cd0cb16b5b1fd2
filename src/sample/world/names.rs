//! Names of people and things, all invented.

pub const FIRST: [&str; 40] = [
    "alma", "amir", "aiko", "ben", "bea", "caleb", "chloe", "dana", "dev", "elin", "emil",
    "fatima", "finn", "grace", "hugo", "ida", "ivan", "jade", "jonas", "kira", "leo", "lena",
    "mara", "milo", "nadia", "nils", "olga", "omar", "paula", "quinn", "rosa", "ravi", "sofia",
    "sven", "tara", "tomas", "uma", "victor", "wanda", "yusuf",
];

pub const LAST: [&str; 40] = [
    "abbott", "anders", "bauer", "brandt", "chen", "costa", "dietrich", "doyle", "egger", "evans",
    "ferrari", "fischer", "garcia", "grant", "haas", "huber", "ibsen", "ivers", "jansen", "jones",
    "kaya", "koch", "lang", "lopez", "maier", "moore", "nash", "novak", "olsen", "osei", "patel",
    "petrov", "quist", "reyes", "sato", "schmid", "tanaka", "turner", "vogel", "wright",
];

/// Departments; the last is the Foundation of the donor's story.
pub const DEPARTMENTS: [&str; 8] = [
    "Engineering",
    "Sales",
    "Support",
    "Finance",
    "Marketing",
    "Operations",
    "People",
    "Foundation",
];

/// Companies that federate with us.
pub const PARTNERS: [&str; 5] = [
    "woodgrovebank.com",
    "proseware.com",
    "tailspintoys.com",
    "adventure-works.com",
    "wingtiptoys.com",
];

/// A public instant messaging provider.
pub const PUBLIC_IM: &str = "messenger.example";

/// The `n`-th person's name: every pair of a first and a last name, then the same with a number.
pub fn person(n: usize) -> String {
    let (first, last) = (FIRST[n % FIRST.len()], LAST[(n + n / FIRST.len()) % LAST.len()]);
    match n / (FIRST.len() * LAST.len()) {
        0 => format!("{first}.{last}"),
        again => format!("{first}.{last}{}", again + 1),
    }
}

/// The same address as another client writes it.
pub fn capitalised(uri: &str) -> String {
    let mut start = true;
    let (user, host) = uri.split_once('@').unwrap_or((uri, ""));
    let capital = |c: char| {
        let written = if start { c.to_ascii_uppercase() } else { c };
        start = !c.is_alphanumeric();
        written
    };
    format!("{}@{host}", user.chars().map(capital).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_repeat() {
        let names: std::collections::HashSet<String> = (0..5000).map(person).collect();
        assert_eq!(names.len(), 5000);
    }

    #[test]
    fn another_spelling_of_one_address() {
        assert_eq!(capitalised("bruno.keller@contoso.com"), "Bruno.Keller@contoso.com");
    }
}
