//! Conversations by message: who begins them, who answers, and how fast.

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::AggregateUDF;
use datafusion_macros::user_doc;

use crate::collected::CollectedFunction;
use crate::local_time::instants;
use crate::parameter::{Kind, number, parameter, setting, text};
use crate::record::{record, record_type};

/// What passed between a person and one other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interaction {
    /// In microseconds.
    pub time: i64,
    /// Not a message; it ends a conversation and is no part of it.
    pub is_call: bool,
    /// Whether the person began it.
    pub outgoing: bool,
}

/// What conversations with one other come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Conversations {
    pub count: i64,
    /// Begun by the person.
    pub initiated: i64,
    /// Begun by the other, and answered.
    pub answered: i64,
    /// Seconds from a message of the other to the person's next, where that follows at once.
    pub delays: Vec<f64>,
}

impl Conversations {
    /// Counts the conversations among interactions in order of time: messages less than `gap`
    /// microseconds after what was before them.
    pub fn among(interactions: &[Interaction], gap: i64) -> Self {
        let mut all = Self::default();
        let together = |a: &Interaction, b: &Interaction| {
            !a.is_call && !b.is_call && b.time.saturating_sub(a.time) < gap
        };
        for conversation in interactions.chunk_by(together) {
            if !conversation[0].is_call {
                all.add(conversation);
            }
        }
        all
    }

    /// Both together.
    pub fn plus(mut self, other: Self) -> Self {
        self.count += other.count;
        self.initiated += other.initiated;
        self.answered += other.answered;
        self.delays.extend(other.delays);
        self
    }

    fn add(&mut self, messages: &[Interaction]) {
        let begun = messages[0].outgoing;
        self.count += 1;
        self.initiated += i64::from(begun);
        self.answered += i64::from(!begun && messages.iter().any(|m| m.outgoing));
        let replies = messages.windows(2).filter(|pair| !pair[0].outgoing && pair[1].outgoing);
        let delays = replies.map(|pair| (pair[1].time - pair[0].time) as f64 / 1e6);
        self.delays.extend(delays.filter(|delay| *delay > 0.0));
    }
}

/// Whether a session of this kind is made of messages.
pub(crate) fn is_message(kind: &str) -> bool {
    matches!(kind, "im" | "text")
}

fn conversations_type() -> DataType {
    let counts = ["conversations", "initiated", "received", "answered"];
    let counts = counts.map(|name| (name, DataType::Int64));
    let delays = [("delays", DataType::new_list(DataType::Float64, true))];
    record_type(&[counts.as_slice(), &delays].concat())
}

fn evaluate(columns: &[ArrayRef]) -> Result<ScalarValue> {
    let times = instants(&columns[0])?;
    let directions = columns[1].as_primitive::<Float64Type>();
    let kinds = cast(&columns[2], &DataType::Utf8View)?;
    let rows = times.iter().zip(directions.values()).zip(kinds.as_string_view());
    let mut interactions: Vec<_> = rows
        .filter_map(|((time, direction), kind)| {
            let (is_call, outgoing) = (!is_message(kind?), *direction > 0.0);
            Some(Interaction { time: time?, is_call, outgoing })
        })
        .collect();
    interactions.sort_unstable();
    let gap = columns.get(3).map(|gaps| gaps.as_primitive::<Float64Type>().value(0));
    let found = Conversations::among(&interactions, (gap.unwrap_or(GAP) * 1e6) as i64);
    let delays: Vec<_> = found.delays.iter().copied().map(ScalarValue::from).collect();
    let delays = ScalarValue::new_list(&delays, &DataType::Float64, true);
    record(&[
        ("conversations", found.count.into()),
        ("initiated", found.initiated.into()),
        ("received", (found.count - found.initiated).into()),
        ("answered", found.answered.into()),
        ("delays", ScalarValue::List(delays)),
    ])
}

/// The silence, in seconds, that ends a conversation.
const GAP: f64 = 3600.0;

#[user_doc(
    doc_section(label = "Contacts"),
    description = "Conversations by message between a person and one other (group by the other), as \
a struct: how many `conversations`, how many the person `initiated` or `received`, how many of the \
received were `answered`, and `delays`, the seconds from a message received to the reply that follows \
it. A message within `gap` seconds of what was before continues a conversation; a call ends it and is \
no part of it (bandicoot's definition). Call records hold times of messages only where each is a \
session of its own.",
    syntax_example = "conversations(t, dir, kind [, gap])",
    argument(name = "t", description = "When: a timestamp, or seconds since 1970. In any order."),
    argument(name = "dir", description = "Above 0 for what the person sent, else received."),
    argument(name = "kind", description = "`im` or `text` for a message; all else is a call."),
    argument(name = "gap", description = "Seconds of silence that end one, 3600 if left out."),
    sql_example = "```sql\nSELECT get_field(c, 'conversations'), get_field(c, 'initiated'), get_field(c, 'answered'), get_field(c, 'delays') FROM (SELECT conversations(t, dir, 'im') AS c FROM (VALUES (0, -1), (60, 1), (120, -1), (4000, 1)) AS x(t, dir));\n-- 2 | 1 | 1 | [60.0]\n```"
)]
struct ConversationsDoc;

/// `conversations(t, dir, kind [, gap])`
pub(super) fn conversations() -> AggregateUDF {
    CollectedFunction {
        name: "conversations",
        parameters: const {
            &[
                parameter("t", Kind::Instant),
                number("dir"),
                text("kind"),
                setting("gap", f64::MIN_POSITIVE, f64::MAX).or(GAP),
            ]
        },
        ordered: false,
        returns: conversations_type,
        evaluate,
        documentation: ConversationsDoc.doc(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    /// `I` received, `O` sent, `C` a call, each so many seconds after the one before.
    fn among(events: &[(char, i64)]) -> Conversations {
        let mut time = 0;
        let interactions: Vec<_> = events
            .iter()
            .map(|(event, after)| {
                time += after * 1_000_000;
                Interaction { time, is_call: *event == 'C', outgoing: *event == 'O' }
            })
            .collect();
        Conversations::among(&interactions, HOUR)
    }

    /// The sequences in bandicoot's own documentation.
    #[test]
    fn as_bandicoot_documents_them() {
        let delays = |events: &[(char, i64)]| among(events).delays;
        let minute = 60;
        assert_eq!(delays(&[('I', 0), ('O', minute), ('I', 120), ('O', 240)]), [60.0, 240.0]);
        assert_eq!(delays(&[('O', 0), ('O', 120), ('I', 180), ('O', 1200)]), [1200.0]);
        assert_eq!(delays(&[('I', 0), ('I', 120), ('I', 0), ('I', 60)]), [0.0; 0]);
        let silence = 4000;
        let four = among(&[
            ('I', 0),
            ('O', 1),
            ('I', 1),
            ('O', 1),
            ('I', silence),
            ('I', 1),
            ('O', 1),
            ('I', 1),
            ('I', silence),
            ('I', 1),
            ('I', 1),
            ('I', 1),
            ('O', silence),
            ('O', 1),
            ('I', 1),
            ('O', 1),
        ]);
        assert_eq!((four.count, four.initiated, four.answered), (4, 1, 2));
    }

    #[test]
    fn an_hour_to_the_second_ends_one() {
        assert_eq!(among(&[('O', 0), ('O', 3599)]).count, 1);
        assert_eq!(among(&[('O', 0), ('O', 3600)]).count, 2);
    }

    #[test]
    fn a_call_ends_one_and_is_none() {
        let found = among(&[('I', 0), ('C', 60), ('O', 60), ('C', 60), ('C', 60)]);
        assert_eq!(found, Conversations { count: 2, initiated: 1, ..Conversations::default() });
        assert_eq!(among(&[('C', 0)]), Conversations::default());
        assert_eq!(among(&[]), Conversations::default());
    }
}
