//! Stretches of time, as microseconds since 1970, half open.

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub type Span = Range<i64>;

/// Disjoint stretches in order. Neighbours grow together, so a table read from one end to the other
/// has one, however many chunks that took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spans(Vec<(i64, i64)>);

impl Spans {
    pub fn add(&mut self, span: Span) {
        if span.is_empty() {
            return;
        }
        self.0.push((span.start, span.end));
        self.0.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(self.0.len());
        for (start, end) in self.0.drain(..) {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        self.0 = joined;
    }

    pub fn remove(&mut self, span: Span) {
        let kept = self
            .0
            .drain(..)
            .flat_map(|(start, end)| [(start, end.min(span.start)), (start.max(span.end), end)]);
        self.0 = kept.filter(|(start, end)| start < end).collect();
    }

    /// What of `whole` is not among them.
    pub fn missing(&self, whole: Span) -> Vec<Span> {
        let mut missing = Vec::new();
        let mut at = whole.start;
        for (start, end) in &self.0 {
            missing.push(at..(*start).min(whole.end));
            at = at.max(*end);
        }
        missing.push(at..whole.end);
        missing.retain(|span| !span.is_empty());
        missing
    }
}

/// Cuts a stretch into so many of about the same length, at multiples of `step`.
pub fn divide(span: Span, parts: usize, step: i64) -> Vec<Span> {
    let parts = i64::try_from(parts.max(1)).unwrap_or(1);
    let length = ((span.end - span.start) / parts / step + 1) * step;
    let mut divided = Vec::new();
    let mut start = span.start;
    while start < span.end {
        let end = start.saturating_add(length).min(span.end);
        divided.push(start..end);
        start = end;
    }
    divided
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span() -> impl Strategy<Value = Span> {
        (0..40i64, 0..10i64).prop_map(|(start, length)| start..start + length)
    }

    proptest! {
        #[test]
        fn done_and_missing_are_the_whole(done in prop::collection::vec(span(), 0..6), whole in span()) {
            let mut spans = Spans::default();
            done.iter().for_each(|span| spans.add(span.clone()));
            let missing = spans.missing(whole.clone());
            for moment in whole {
                let is_done = done.iter().any(|span| span.contains(&moment));
                let count = missing.iter().filter(|span| span.contains(&moment)).count();
                prop_assert_eq!(count, usize::from(!is_done));
            }
        }

        #[test]
        fn what_is_removed_is_missing(done in prop::collection::vec(span(), 0..6), gone in span()) {
            let mut spans = Spans::default();
            done.iter().for_each(|span| spans.add(span.clone()));
            spans.remove(gone.clone());
            let missing = spans.missing(0..50);
            for moment in 0..50 {
                let is_done = done.iter().any(|span| span.contains(&moment));
                let is_missing = missing.iter().any(|span| span.contains(&moment));
                prop_assert_eq!(is_missing, !is_done || gone.contains(&moment));
            }
        }

        #[test]
        fn parts_follow_each_other(span in span(), parts in 1..5usize, step in 1..4i64) {
            let divided = divide(span.clone(), parts, step);
            prop_assert!(divided.len() <= parts);
            let mut at = span.start;
            for part in divided {
                prop_assert_eq!(part.start, at);
                at = part.end;
            }
            prop_assert_eq!(at, span.end.max(span.start));
        }
    }

    #[test]
    fn neighbours_grow_together() {
        let mut spans = Spans::default();
        [3..5, 0..1, 1..3].into_iter().for_each(|span| spans.add(span));
        assert_eq!(spans, Spans(vec![(0, 5)]));
    }
}
