//! The people of the stories, as data.

use crate::sample::world::sites::{BOSTON, MUNICH, SYDNEY};

/// An employee who has a part in a story.
#[derive(Debug)]
pub struct Member {
    pub uri: &'static str,
    pub site: usize,
    pub department: usize,
    /// Whether this person also has ordinary contacts and meetings. Where not, every session of
    /// theirs belongs to the story.
    pub ordinary: bool,
}

const fn member(uri: &'static str, site: usize, department: usize) -> Member {
    Member { uri, site, department, ordinary: true }
}

const fn apart(uri: &'static str, site: usize, department: usize) -> Member {
    Member { uri, site, department, ordinary: false }
}

const ENGINEERING: usize = 0;
const SALES: usize = 1;
const SUPPORT: usize = 2;
const FINANCE: usize = 3;
const MARKETING: usize = 4;
const OPERATIONS: usize = 5;
const FOUNDATION: usize = 7;

pub const ANNA: &str = "anna.lindqvist@contoso.com";
pub const BRUNO: &str = "bruno.keller@contoso.com";
pub const CARLA: &str = "carla.moreno@litwareinc.com";
pub const SELLERS: [&str; 4] = [
    "otto.weiss@contoso.com",
    "petra.zimmer@contoso.com",
    "rafael.stein@contoso.com",
    "silke.horn@contoso.com",
];
pub const CHARITY: [&str; 4] = [
    "helen.ward@contoso.com",
    "imre.toth@contoso.com",
    "julia.brooks@contoso.com",
    "karl.seidel@contoso.com",
];
pub const CHAIN: [&str; 4] = [
    "gil.archer@contoso.com",
    "hana.bloom@contoso.com",
    "igor.castle@contoso.com",
    "jana.dell@contoso.com",
];
pub const AGENTS: [&str; 5] = [
    "lars.helm@contoso.com",
    "mina.park@contoso.com",
    "nico.rossi@contoso.com",
    "oona.salo@contoso.com",
    "pia.trent@contoso.com",
];
pub const PRIYA: &str = "priya.nair@contoso.com";

/// Employees of the stories; the first people of the company.
pub const MEMBERS: [Member; 21] = [
    member(ANNA, MUNICH, ENGINEERING),
    member(BRUNO, MUNICH, FINANCE),
    member(CARLA, BOSTON, MARKETING),
    member(SELLERS[0], MUNICH, SALES),
    member(SELLERS[1], MUNICH, SALES),
    member(SELLERS[2], MUNICH, SALES),
    member(SELLERS[3], MUNICH, SALES),
    member(CHARITY[0], MUNICH, FOUNDATION),
    member(CHARITY[1], MUNICH, FOUNDATION),
    member(CHARITY[2], MUNICH, FOUNDATION),
    member(CHARITY[3], MUNICH, FOUNDATION),
    apart(CHAIN[0], SYDNEY, OPERATIONS),
    apart(CHAIN[1], SYDNEY, OPERATIONS),
    apart(CHAIN[2], SYDNEY, OPERATIONS),
    apart(CHAIN[3], SYDNEY, OPERATIONS),
    member(AGENTS[0], MUNICH, SUPPORT),
    member(AGENTS[1], MUNICH, SUPPORT),
    member(AGENTS[2], MUNICH, SUPPORT),
    member(AGENTS[3], MUNICH, SUPPORT),
    member(AGENTS[4], MUNICH, SUPPORT),
    apart(PRIYA, MUNICH, SALES),
];

pub const RECRUITERS: [&str; 2] =
    ["talent@lakeside-recruiting.example", "jobs@summit-careers.example"];
pub const COMPETITOR: [&str; 2] = ["sales@fabrikam.com", "office@fabrikam.com"];
pub const DONOR: &str = "d.whitfield@wideworldimporters.com";

/// Outside addresses that only the stories reach.
pub const OUTSIDERS: [&str; 5] =
    [RECRUITERS[0], RECRUITERS[1], COMPETITOR[0], COMPETITOR[1], DONOR];

pub const RECRUITER_NUMBER: &str = "+12065550101";
pub const COMPETITOR_NUMBER: &str = "+14155550101";

/// Destinations of the tariff story: London, Bristol's mobile range, New York, Paris, Sydney.
pub const TARIFF_NUMBERS: [&str; 5] =
    ["+442079460001", "+447700900001", "+12125550101", "+33199000001", "+61255500001"];

/// Dialled in need; every such call carries its place.
pub const EMERGENCY: &str = "112";

/// Outside numbers that have no part in ordinary traffic.
pub const NUMBERS: [&str; 8] = [
    EMERGENCY,
    RECRUITER_NUMBER,
    COMPETITOR_NUMBER,
    TARIFF_NUMBERS[0],
    TARIFF_NUMBERS[1],
    TARIFF_NUMBERS[2],
    TARIFF_NUMBERS[3],
    TARIFF_NUMBERS[4],
];

pub const HELPDESK: &str = "helpdesk@contoso.com";
pub const VOICEMAIL: &str = "voicemail@contoso.com";

/// Pairs of ordinary people who meet in their story only.
pub const ONLY_IN_STORY: [(&str, &str); 1] = [(ANNA, BRUNO)];
