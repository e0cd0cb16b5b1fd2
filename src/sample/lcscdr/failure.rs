//! Error and progress reports: what clients and front ends say went wrong, or how long it took.

use super::{client_id, pool_id, pool_of, server_id};
use crate::Result;
use crate::sample::clock::{SECOND, Tick};
use crate::sample::facts::Facts;
use crate::sample::media::{self, AUDIO, FILE, IM, SHARING, VIDEO};
use crate::sample::meeting::{Leg, Meeting};
use crate::sample::outcome::{self, OK, Outcome};
use crate::sample::random::Random;
use crate::sample::registration::Registration;
use crate::sample::rows::Guid;
use crate::sample::session::{Key, Seat, Session};
use crate::sample::world::World;
use crate::sample::world::servers::POOLS;

use super::meeting::Addresses;
use crate::sample::meeting::Component;

/// A report about a request, sent when the request has ended.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    pub at: Tick,
    outcome: Outcome,
    call_type: usize,
    from: Seat,
    to: Option<usize>,
    conference_uri: Option<i32>,
    session: Key,
    pool: usize,
    salt: u64,
    /// Ties the components of one join together.
    telemetry: Option<u64>,
    setup_ms: Option<i64>,
}

/// `CallType` of a set of modalities.
fn call_type(media: u8) -> usize {
    match media {
        m if media::has(m, VIDEO) => 4,
        m if media::has(m, AUDIO) => 3,
        m if media::has(m, SHARING) => 2,
        m if media::has(m, FILE) => 5,
        m if media::has(m, IM) => 1,
        _ => 0,
    }
}

const CALL_TYPES: usize = 6;

impl Report {
    /// What a session leaves behind: unexpected failures always, expected ones mostly.
    pub fn of_session(world: &World, session: &Session) -> Option<Self> {
        let reported = session.outcome.unexpected || (!session.answered() && session.salt % 10 < 7);
        reported.then(|| Self {
            at: session.responded_at(),
            outcome: session.outcome,
            call_type: call_type(session.media),
            from: session.caller,
            to: Some(session.callee.party),
            conference_uri: None,
            session: session.key,
            pool: pool_of(world, [session.caller, session.callee]),
            salt: session.salt,
            telemetry: None,
            setup_ms: None,
        })
    }

    /// Joining a meeting: every failure, and from some clients how long each component took.
    pub fn of_leg(world: &World, meeting: &Meeting, leg: &Leg) -> Option<Self> {
        let participant = meeting.participant(leg);
        let measured =
            !participant.by_telephone && (meeting.salt ^ u64::from(leg.participant)) % 5 < 2;
        (measured || !leg.outcome.is_success()).then(|| Self {
            at: leg.key.at.plus(leg.setup_ms * SECOND / 1000),
            outcome: leg.outcome,
            call_type: call_type(leg.media),
            from: participant.seat,
            to: None,
            conference_uri: Some(Addresses::of(world, meeting).id(Component::Focus)),
            session: leg.key,
            pool: world.parties[meeting.organizer].pool(),
            salt: leg.salt,
            telemetry: Some(meeting.salt ^ u64::from(leg.participant)),
            setup_ms: Some(leg.setup_ms),
        })
    }

    pub fn of_registration(world: &World, registration: &Registration) -> Option<Self> {
        (!registration.outcome.is_success()).then(|| Self {
            at: registration.key.at.plus(SECOND),
            outcome: registration.outcome,
            call_type: 0,
            from: registration.seat,
            to: None,
            conference_uri: None,
            session: registration.key,
            pool: world.parties[registration.seat.party].pool(),
            salt: registration.salt,
            telemetry: None,
            setup_ms: None,
        })
    }

    /// Failures in a call to somebody, for `UserStatistics`.
    pub fn failed_caller(&self) -> Option<(usize, bool)> {
        let in_conference = self.conference_uri.is_some();
        (self.outcome.unexpected && self.call_type > 0).then_some((self.from.party, in_conference))
    }

    /// Half of the failures are seen by the front end, the rest uploaded by clients.
    fn by_server(&self) -> bool {
        self.telemetry.is_none() && self.salt.is_multiple_of(2)
    }

    pub fn write(&self, facts: &mut Facts, world: &World, seq: i32) -> Result<()> {
        let server = server_id(self.pool, self.salt);
        let by_server = self.by_server();
        let header = self.header();
        facts
            .error_reports
            .put("ErrorTime", self.at)
            .put("ErrorReportSeq", seq)
            .put("ErrorId", error_id(self.outcome, self.call_type))
            .put("FromUserId", world.user_id(self.from.party, self.salt))
            .put("ToUserId", self.to.map(|n| world.user_id(n, self.salt)))
            .put("ConferenceUriId", self.conference_uri)
            .put("SessionIdTime", self.session.at)
            .put("SessionIdSeq", self.session.seq)
            .put("SourceId", by_server.then_some(server))
            .put("ApplicationId", by_server.then_some(application_id(self.call_type)))
            .put("MsDiagHeader", header.as_deref())
            .put("ClientVersionId", client_id(world, self.from))
            .put("IsCapturedByServer", by_server)
            .put("Flag", 0)
            .put("TelemetryId", self.telemetry_id())
            .put("SessionSetupTime", self.setup_ms)
            .put("ServerId", server)
            .put("PoolId", pool_id(self.pool))
            .put("LastModifiedTime", self.at.written())
            .end()?;
        self.write_progress(facts, seq)
    }

    fn telemetry_id(&self) -> Option<Guid> {
        self.telemetry.map(|t| Guid(Random::at(&[0x7E, t]).wide()))
    }

    fn header(&self) -> Option<String> {
        let diagnostic = self.outcome.diagnostic?;
        let source = POOLS[self.pool].front_ends[(self.salt % 2) as usize];
        Some(format!("{diagnostic};reason=\"{}\";source=\"{source}\"", self.outcome.reason))
    }

    /// A failure in the signalling shows the hops that it passed.
    fn write_progress(&self, facts: &mut Facts, seq: i32) -> Result<()> {
        let hops = if self.outcome.unexpected { 2 } else { i32::from(self.telemetry.is_some()) };
        for n in 1..=hops {
            let detail = format!("{};reason=\"{}\"", 12_000 + n, PROGRESS[n as usize - 1]);
            facts
                .progress_reports
                .put("ErrorTime", self.at)
                .put("ErrorId", error_id(self.outcome, self.call_type))
                .put("ErrorReportSeq", seq)
                .put("ProgressReportSeq", n)
                .put("MsDiagId", 12_000 + n)
                .put("SourceId", server_id(self.pool, self.salt))
                .put("ApplicationId", application_id(self.call_type))
                .put("Detail", detail.as_str())
                .put("TelemetryId", self.telemetry_id())
                .put("SessionSetupTime", self.setup_ms.map(|ms| ms * i64::from(n) / 2))
                .end()?;
        }
        Ok(())
    }
}

const PROGRESS: [&str; 2] = ["Routed to the application", "Trying next hop"];

/// `ErrorDef.ErrorId`: every outcome with every kind of call; success comes last.
fn error_id(outcome: Outcome, call_type: usize) -> i32 {
    let all = outcomes();
    let position = all.clone().position(|o| o == outcome).unwrap_or_else(|| all.count());
    (position * CALL_TYPES + call_type) as i32 + 1
}

fn outcomes() -> impl Iterator<Item = Outcome> + Clone {
    outcome::failures().chain([OK])
}

/// One row of `ErrorDef`: id, outcome, call type.
pub fn definitions() -> impl Iterator<Item = (i32, Outcome, i32)> {
    outcomes()
        .flat_map(|o| (0..CALL_TYPES).map(move |c| (o, c)))
        .zip(1..)
        .map(|((o, c), id)| (id, o, c as i32))
}

/// Components of the front end that report, by call type; `Application` lists them.
pub const APPLICATIONS: [&str; 4] =
    ["RegistrarServer", "IMFilter", "InboundRouting", "OutboundRouting"];

fn application_id(call_type: usize) -> i32 {
    match call_type {
        0 => 1,
        1 => 2,
        _ => 4,
    }
}
