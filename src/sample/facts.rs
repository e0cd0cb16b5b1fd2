//! The tables that grow with time, open for one span of days.

use super::rows::Rows;
use super::sink::{Sink, Span};
use crate::schema::{self, Table};
use crate::{Error, Result};

/// Looks up a published table of the sample.
pub fn table(database: &str, name: &str) -> Result<&'static Table> {
    schema::table(database, name)
        .ok_or_else(|| Error::internal(format!("{database} has no table {name}")))
}

macro_rules! facts {
    ($($field:ident: $database:literal $table:literal,)*) => {
        /// One writer per table.
        pub struct Facts {
            $(pub $field: Rows,)*
        }

        impl Facts {
            pub fn open(sink: &dyn Sink, span: Span) -> Result<Self> {
                let rows = |database, name| -> Result<Rows> {
                    let table = table(database, name)?;
                    Ok(Rows::new(table, sink.open(table, span)?))
                };
                Ok(Self { $($field: rows($database, $table)?,)* })
            }

            pub fn finish(self) -> Result<()> {
                $(self.$field.finish()?;)*
                Ok(())
            }
        }
    };
}

facts! {
    dialogs: "LcsCDR" "Dialogs",
    session_details: "LcsCDR" "SessionDetails",
    media: "LcsCDR" "Media",
    voip_details: "LcsCDR" "VoipDetails",
    file_transfers: "LcsCDR" "FileTransfers",
    locations: "LcsCDR" "Locations",
    registrations: "LcsCDR" "Registration",
    conferences: "LcsCDR" "Conferences",
    conference_uris: "LcsCDR" "ConferenceUris",
    conference_sessions: "LcsCDR" "ConferenceSessionDetails",
    conference_messages: "LcsCDR" "ConferenceMessageCount",
    focus_joins: "LcsCDR" "FocusJoinsAndLeaves",
    mcu_joins: "LcsCDR" "McuJoinsAndLeaves",
    error_reports: "LcsCDR" "ErrorReport",
    progress_reports: "LcsCDR" "ProgressReport",
    im_summary: "LcsCDR" "IMReportSummary",
    conference_keys: "QoEMetrics" "Conference",
    correlations: "QoEMetrics" "SessionCorrelation",
    qoe_dialogs: "QoEMetrics" "Dialog",
    qoe_sessions: "QoEMetrics" "Session",
    media_lines: "QoEMetrics" "MediaLine",
    audio_streams: "QoEMetrics" "AudioStream",
    audio_signals: "QoEMetrics" "AudioSignal",
    audio_events: "QoEMetrics" "AudioClientEvent",
    video_streams: "QoEMetrics" "VideoStream",
    video_events: "QoEMetrics" "VideoClientEvent",
    sharing_streams: "QoEMetrics" "AppSharingStream",
    trace_routes: "QoEMetrics" "TraceRoute",
    feedback: "QoEMetrics" "CallQualityFeedback",
    feedback_tokens: "QoEMetrics" "CallQualityFeedbackToken",
}
