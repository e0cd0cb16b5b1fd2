//! How requests end: SIP response codes, diagnostic codes and their reasons.

use super::random::Random;

/// The end of a request: its final response and the `ms-diagnostics` that came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub response: i64,
    pub diagnostic: Option<i64>,
    pub reason: &'static str,
    /// Whether Microsoft's reports count it as an unexpected failure.
    pub unexpected: bool,
}

const fn expected(response: i64, diagnostic: i64, reason: &'static str) -> Outcome {
    Outcome { response, diagnostic: Some(diagnostic), reason, unexpected: false }
}

const fn unexpected(response: i64, diagnostic: i64, reason: &'static str) -> Outcome {
    Outcome { response, diagnostic: Some(diagnostic), reason, unexpected: true }
}

pub const OK: Outcome =
    Outcome { response: 200, diagnostic: None, reason: "OK", unexpected: false };

pub const UNANSWERED: Outcome = expected(487, 51004, "Action initiated by user");

/// Failures of a call or message between two people, the frequent first.
pub const CALL_FAILURES: [Outcome; 12] = [
    UNANSWERED,
    expected(480, 15030, "User is unavailable"),
    expected(486, 13013, "User is busy on another call"),
    expected(603, 52016, "Call declined by the user"),
    expected(404, 1003, "User does not exist"),
    expected(
        480,
        1036,
        "Previous hop shared address space peer did not report diagnostic information",
    ),
    expected(487, 51003, "Call cancelled before it was answered"),
    unexpected(504, 1009, "No match for domain in DNS SRV results"),
    unexpected(504, 1017, "Cannot route from the edge to the next hop"),
    unexpected(488, 52017, "Media could not be negotiated"),
    unexpected(500, 12004, "Dialog does not exist on this server"),
    unexpected(408, 23, "Call failed to establish due to a media connectivity failure"),
];

const CALL_WEIGHTS: [u64; 12] = [400, 170, 110, 80, 60, 50, 60, 15, 12, 14, 10, 19];

/// Failures at a gateway to the telephone network.
pub const GATEWAY_FAILURES: [Outcome; 4] = [
    expected(486, 10504, "Gateway responded with 486 Busy Here"),
    expected(404, 10404, "Gateway responded with 404 Not Found"),
    unexpected(503, 10503, "Gateway responded with 503 Service Unavailable"),
    unexpected(504, 10499, "Gateway did not respond to the request in time"),
];

const GATEWAY_WEIGHTS: [u64; 4] = [60, 22, 12, 6];

/// Failures while joining a meeting.
pub const MEETING_FAILURES: [Outcome; 3] = [
    expected(403, 3105, "User is not authorised to join this conference"),
    expected(404, 3044, "Conference does not exist"),
    unexpected(504, 3027, "Conference server did not respond in time"),
];

/// Failures to sign in.
pub const SIGN_IN_FAILURES: [Outcome; 3] = [
    expected(403, 4004, "Credentials are not valid"),
    expected(404, 4002, "User is not enabled for this service"),
    unexpected(503, 4098, "Registrar is not available"),
];

pub fn call_failure(random: &mut Random) -> Outcome {
    CALL_FAILURES[random.weighted(&CALL_WEIGHTS)]
}

pub fn gateway_failure(random: &mut Random) -> Outcome {
    // Most people just do not pick up.
    if random.percent(65) {
        UNANSWERED
    } else {
        GATEWAY_FAILURES[random.weighted(&GATEWAY_WEIGHTS)]
    }
}

/// Every failure that the sample knows, without repetition.
pub fn failures() -> impl Iterator<Item = Outcome> + Clone {
    [&CALL_FAILURES[..], &GATEWAY_FAILURES, &MEETING_FAILURES, &SIGN_IN_FAILURES]
        .into_iter()
        .flatten()
        .copied()
}

impl Outcome {
    pub fn is_success(self) -> bool {
        self.response == 200
    }
}

/// SIP response codes with class and reason phrase (RFC 3261 and its successors).
pub const RESPONSES: [(i64, &str); 37] = [
    (100, "Trying"),
    (180, "Ringing"),
    (181, "Call Is Being Forwarded"),
    (182, "Queued"),
    (183, "Session Progress"),
    (200, "OK"),
    (202, "Accepted"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Moved Temporarily"),
    (305, "Use Proxy"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (410, "Gone"),
    (415, "Unsupported Media Type"),
    (430, "Flow Failed"),
    (480, "Temporarily Unavailable"),
    (481, "Call/Transaction Does Not Exist"),
    (482, "Loop Detected"),
    (484, "Address Incomplete"),
    (486, "Busy Here"),
    (487, "Request Terminated"),
    (488, "Not Acceptable Here"),
    (491, "Request Pending"),
    (500, "Server Internal Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Server Time-out"),
    (600, "Busy Everywhere"),
    (603, "Decline"),
    (606, "Not Acceptable"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_published_response_and_its_own_diagnostic() {
        let all: Vec<Outcome> = failures().collect();
        assert!(all.iter().all(|o| RESPONSES.iter().any(|r| r.0 == o.response)));
        let diagnostics: std::collections::HashSet<_> = all.iter().map(|o| o.diagnostic).collect();
        assert_eq!(diagnostics.len(), all.len());
    }
}
