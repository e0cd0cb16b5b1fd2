//! The records of one person, and parts of them.

use crate::contacts::time::{Interaction, is_message};
use crate::local_time::{LocalTime, hours};

/// Something that passed between the person and another.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Record {
    /// By the clock of the person's place.
    pub time: LocalTime,
    /// The other, by number.
    pub correspondent: u32,
    pub outgoing: bool,
    pub is_call: bool,
    pub seconds: f64,
}

impl Record {
    pub fn new(
        time: LocalTime,
        correspondent: u32,
        outgoing: bool,
        kind: &str,
        seconds: f64,
    ) -> Self {
        Self { time, correspondent, outgoing, is_call: !is_message(kind), seconds }
    }

    pub fn interaction(&self) -> Interaction {
        Interaction { time: self.time.0, is_call: self.is_call, outgoing: self.outgoing }
    }

    pub fn is_at_night(&self) -> bool {
        let time = self.time.of_day();
        !(hours(7.0) < time && time < hours(19.0))
    }

    fn is_on_weekend(&self) -> bool {
        self.time.weekday() > 5
    }
}

/// Which records an indicator looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Call,
    Text,
    CallAndText,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Text => "text",
            Self::CallAndText => "callandtext",
        }
    }

    fn has(self, record: &Record) -> bool {
        match self {
            Self::Call => record.is_call,
            Self::Text => !record.is_call,
            Self::CallAndText => true,
        }
    }
}

/// The part of the week and of the day that records are in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub week: &'static str,
    pub day: &'static str,
}

impl Part {
    /// All of the time, and if split also weekdays and weekends, days and nights.
    pub fn all(split: bool) -> Vec<Self> {
        let shown = if split { 3 } else { 1 };
        let weeks = ["allweek", "weekday", "weekend"].into_iter().take(shown);
        let days = ["allday", "day", "night"];
        weeks
            .flat_map(|week| days.into_iter().take(shown).map(move |day| Self { week, day }))
            .collect()
    }

    /// The records of a kind in this part.
    pub fn of(self, records: &[Record], kind: Kind) -> Vec<Record> {
        records.iter().filter(|r| kind.has(r) && self.has(r)).copied().collect()
    }

    fn has(self, record: &Record) -> bool {
        let of_week = match self.week {
            "weekday" => !record.is_on_weekend(),
            "weekend" => record.is_on_weekend(),
            _ => true,
        };
        let of_day = match self.day {
            "day" => !record.is_at_night(),
            "night" => record.is_at_night(),
            _ => true,
        };
        of_week && of_day
    }
}
