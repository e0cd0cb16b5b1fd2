//! Which columns a terminal has room for, and how wide each is drawn.

/// One drawn column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// A column of the result, in so many terminal columns.
    Column { index: usize, width: usize },
    /// Where columns in the middle were left out.
    Gap,
}

impl Slot {
    pub fn width(self) -> usize {
        match self {
            Self::Column { width, .. } => width,
            Self::Gap => 1,
        }
    }
}

/// No column is shortened below this; rather, columns in the middle are left out.
const NARROWEST: usize = 8;

/// A border and a blank on each side; one more border closes the line.
const FRAME: usize = 3;

/// Fits columns of the natural widths into a terminal, the widest shortened first.
///
/// Without a terminal every column keeps its natural width.
pub(super) fn fit(natural: &[usize], terminal: Option<usize>) -> Vec<Slot> {
    let Some(terminal) = terminal else {
        return natural
            .iter()
            .enumerate()
            .map(|(index, &width)| Slot::Column { index, width })
            .collect();
    };
    let natural: Vec<usize> = natural.iter().map(|&width| width.min(terminal)).collect();
    let (first, last) = kept(&natural, terminal);
    let shown: Vec<usize> = (0..first).chain(natural.len() - last..natural.len()).collect();
    let gap = shown.len() < natural.len();

    let frames = FRAME * shown.len() + 1 + if gap { FRAME + 1 } else { 0 };
    let widths: Vec<usize> = shown.iter().map(|&index| natural[index]).collect();
    let widths = shorten_widest(widths, terminal.saturating_sub(frames));
    let mut slots: Vec<Slot> =
        shown.iter().zip(widths).map(|(&index, width)| Slot::Column { index, width }).collect();
    if gap {
        slots.insert(first, Slot::Gap);
    }
    slots
}

/// How many of the first and of the last columns fit when each is drawn as narrow as may be.
fn kept(natural: &[usize], terminal: usize) -> (usize, usize) {
    let needs = |index: usize| natural[index].min(NARROWEST) + FRAME;
    let all: usize = (0..natural.len()).map(needs).sum();
    if all < terminal || natural.is_empty() {
        return (natural.len(), 0);
    }
    let mut room = terminal.saturating_sub(1 + FRAME + 1);
    let (mut first, mut last) = (0, 0);
    while first + last < natural.len() {
        let from_front = first <= last;
        let index = if from_front { first } else { natural.len() - 1 - last };
        match room.checked_sub(needs(index)) {
            Some(rest) => room = rest,
            None => break,
        }
        if from_front { first += 1 } else { last += 1 }
    }
    // Something is shown, however narrow the terminal.
    (first.max(1), last)
}

/// Lowers the widest until the sum is within the room; what is left over goes to the first ones.
fn shorten_widest(mut widths: Vec<usize>, room: usize) -> Vec<usize> {
    let widest = widths.iter().copied().max().unwrap_or(0);
    let sum_under = |cap: usize| widths.iter().map(|&width| width.min(cap)).sum::<usize>();
    let cap = (1..=widest).rev().find(|&cap| sum_under(cap) <= room).unwrap_or(1);
    let mut spare = room.saturating_sub(sum_under(cap));
    for width in widths.iter_mut().filter(|width| **width > cap) {
        let extra = spare.min(1);
        *width = cap + extra;
        spare -= extra;
    }
    widths
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn widths(slots: &[Slot]) -> Vec<usize> {
        slots.iter().map(|slot| slot.width()).collect()
    }

    fn drawn(slots: &[Slot]) -> usize {
        1 + slots.iter().map(|slot| slot.width() + FRAME).sum::<usize>()
    }

    #[test]
    fn what_fits_is_left_alone() {
        assert_eq!(widths(&fit(&[3, 30, 7], None)), [3, 30, 7]);
        assert_eq!(widths(&fit(&[3, 30, 7], Some(50))), [3, 30, 7]);
    }

    #[test]
    fn the_widest_is_shortened_first() {
        assert_eq!(widths(&fit(&[3, 30, 7], Some(49))), [3, 29, 7]);
        // 60 - 10 of frames leaves 50; 10 stay, the two wide ones share 40.
        assert_eq!(widths(&fit(&[10, 100, 30], Some(60))), [10, 20, 20]);
        assert_eq!(widths(&fit(&[10, 100, 30], Some(61))), [10, 21, 20]);
    }

    #[test]
    fn columns_in_the_middle_give_way() {
        let slots = fit(&[20; 10], Some(60));
        let indexes: Vec<Option<usize>> = slots
            .iter()
            .map(|slot| match slot {
                Slot::Column { index, .. } => Some(*index),
                Slot::Gap => None,
            })
            .collect();
        assert_eq!(
            indexes,
            [Some(0), Some(1), Some(2), None, Some(8), Some(9)][..indexes.len()].to_vec()
        );
        assert!(drawn(&slots) <= 60);
    }

    #[test]
    fn one_column_is_always_shown() {
        assert_eq!(widths(&fit(&[50], Some(3))), [1]);
        assert_eq!(fit(&[], Some(80)), []);
    }

    proptest! {
        #[test]
        fn the_box_fits_the_terminal(natural in prop::collection::vec(1usize..200, 1..30), terminal in 20usize..250) {
            let slots = fit(&natural, Some(terminal));
            prop_assert!(drawn(&slots) <= terminal, "{slots:?}");
            for slot in &slots {
                if let Slot::Column { index, width } = slot {
                    prop_assert!(*width >= 1 && *width <= natural[*index]);
                }
            }
        }

        #[test]
        fn nothing_is_cut_that_has_room(natural in prop::collection::vec(1usize..20, 1..5)) {
            prop_assert_eq!(widths(&fit(&natural, Some(200))), natural);
        }
    }
}
