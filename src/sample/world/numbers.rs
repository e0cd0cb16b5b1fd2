//! Telephone numbers out of the ranges that regulators keep for fiction and documentation.

/// Numbers of one range: a prefix and how many digits follow it.
struct Range {
    prefix: &'static str,
    digits: u32,
}

const fn range(prefix: &'static str, digits: u32) -> Range {
    Range { prefix, digits }
}

const RANGES: [Range; 16] = [
    range("+493023125", 3),
    range("+4917139200", 2),
    range("+120655501", 2),
    range("+121255501", 2),
    range("+141555501", 2),
    range("+130555501", 2),
    range("+131255501", 2),
    range("+151255501", 2),
    range("+442079460", 3),
    range("+441632960", 3),
    range("+447700900", 3),
    range("+441214960", 3),
    range("+61355500", 3),
    range("+6125550", 4),
    range("+3319900", 4),
    range("+3363998", 4),
];

/// The first of each range are left to the stories.
const KEPT: usize = 20;

/// How many numbers there are to give.
pub fn capacity() -> usize {
    RANGES.iter().map(|r| 10usize.pow(r.digits) - KEPT).sum()
}

/// The `n`-th outside number: one of each range in turn, so that every country is called.
pub fn outside(n: usize) -> String {
    let mut n = n % capacity();
    for round in 0.. {
        let open = RANGES.iter().filter(|r| KEPT + round < 10usize.pow(r.digits));
        let count = open.clone().count();
        if let Some(r) = open.clone().nth(n) {
            return format!("{}{:02$}", r.prefix, KEPT + round, r.digits as usize);
        }
        n -= count;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_do_not_repeat() {
        let numbers: std::collections::HashSet<String> = (0..3000).map(outside).collect();
        assert_eq!(numbers.len(), 3000);
    }

    #[test]
    fn the_first_numbers_come_from_every_range() {
        assert_eq!(outside(0), "+493023125020");
        assert_eq!(outside(2), "+12065550120");
        assert_eq!(outside(16), "+493023125021");
    }
}
