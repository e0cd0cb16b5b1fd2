//! Everybody who can be at one end of a session: employees, outsiders, numbers, services.

use super::equipment::{CLIENTS, DESK_PHONE, DEVICES, PHONE_EDITION};
use super::names::{self, PARTNERS, PUBLIC_IM};
use super::numbers;
use super::servers::{MACHINES, Machine, POOLS};
use super::sites::{MUNICH, SITES};
use crate::sample::random::Random;
use crate::sample::stories::{cast, subnet};

/// What kind of party it is; decides tenant, URI type and what its own reports can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Employee,
    Partner,
    PublicIm,
    Anonymous,
    /// A telephone in the outside network, behind our gateways.
    Telephone,
    Service(Machine),
}

/// One end of sessions. Its `UserId` in LcsCDR is its position plus one.
#[derive(Debug)]
pub struct Party {
    pub uri: String,
    pub kind: Kind,
    /// Index into `SITES`: its own, or for outsiders the one whose gateway or edge serves it.
    pub site: usize,
    pub department: usize,
    /// Index into the list of numbers: the own extension, or the telephone itself.
    pub number: Option<usize>,
    /// Index into `CLIENTS`.
    pub client: usize,
    /// Index into `DEVICES`.
    pub device: usize,
    /// Building within the site, and the desk's position in it.
    pub building: usize,
    pub desk: usize,
    /// Of 100 sessions, how many over Wi-Fi and how many from outside.
    pub wireless_percent: u64,
    pub outside_percent: u64,
    /// Whether it has a part in ordinary traffic.
    pub ordinary: bool,
    pub endpoint: u128,
}

impl Party {
    pub fn is_employee(&self) -> bool {
        self.kind == Kind::Employee
    }

    /// Identity in `Tenants`: enterprise, federated, anonymous, public IM.
    pub fn tenant(&self) -> i64 {
        match self.kind {
            Kind::Employee | Kind::Telephone | Kind::Service(_) => 0,
            Kind::Partner => 1,
            Kind::Anonymous => 2,
            Kind::PublicIm => 3,
        }
    }

    pub fn is_telephone(&self) -> bool {
        self.kind == Kind::Telephone
    }

    pub fn pool(&self) -> usize {
        SITES[self.site].pool
    }
}

/// People per building.
const DESKS: usize = 45;

/// All parties: employees first, then outsiders, telephones and services. `numbers` grows along.
pub fn people(users: usize, seed: u64, numbers: &mut Vec<String>) -> Vec<Party> {
    let mut parties = employees(users, seed, numbers);
    parties.extend(outsiders(users, seed));
    parties.extend(telephones(users, seed, numbers));
    parties.extend(services());
    parties
}

fn employees(users: usize, seed: u64, numbers: &mut Vec<String>) -> Vec<Party> {
    let mut taken = [0; SITES.len()];
    (0..users)
        .map(|n| {
            let mut random = Random::at(&[seed, 1, n as u64]);
            let member = cast::MEMBERS.get(n);
            let site = member.map_or_else(|| site_of(n), |m| m.site);
            let position = taken[site];
            taken[site] += 1;
            numbers.push(format!("{};ext={}", SITES[site].trunk, 1000 + position));
            let building = position / DESKS;
            let habits = employee(site, &mut random);
            let wireless_percent = if subnet::is_building(site, building) {
                subnet::WIRELESS_PERCENT
            } else {
                habits.wireless_percent
            };
            Party {
                uri: member.map_or_else(|| address(n, site), |m| m.uri.to_owned()),
                department: member.map_or_else(
                    || random.weighted(&[30, 18, 14, 10, 10, 12, 6]),
                    |m| m.department,
                ),
                ordinary: member.is_none_or(|m| m.ordinary),
                number: Some(numbers.len() - 1),
                building,
                desk: position % DESKS,
                wireless_percent,
                ..habits
            }
        })
        .collect()
}

/// Sites in proportion to their share, spread evenly over the list of people.
fn site_of(n: usize) -> usize {
    let mut place = n * 37 % 100;
    SITES
        .iter()
        .position(|s| {
            let here = place < s.share;
            place = place.saturating_sub(s.share);
            here
        })
        .unwrap_or(MUNICH)
}

fn address(n: usize, site: usize) -> String {
    format!("{}@{}", names::person(n), SITES[site].domain)
}

/// Habits and equipment; the rest is filled in by the caller.
fn employee(site: usize, random: &mut Random) -> Party {
    let shares: [u64; CLIENTS.len()] = std::array::from_fn(|c| CLIENTS[c].share);
    let devices: [u64; DEVICES.len()] =
        std::array::from_fn(|d| if d == DESK_PHONE { 0 } else { DEVICES[d].share });
    let client = random.weighted(&shares);
    let on_wire = client == PHONE_EDITION;
    Party {
        uri: String::new(),
        kind: Kind::Employee,
        site,
        department: 0,
        number: None,
        client,
        device: if on_wire { DESK_PHONE } else { random.weighted(&devices) },
        building: 0,
        desk: 0,
        wireless_percent: if on_wire { 0 } else { *random.pick(&[0, 5, 20, 60, 85]) },
        outside_percent: if on_wire { 0 } else { *random.pick(&[0, 4, 8, 12, 25]) },
        ordinary: true,
        endpoint: random.wide(),
    }
}

/// Partners, public IM users, and one anonymous identity that stands for many.
fn outsiders(users: usize, seed: u64) -> Vec<Party> {
    let story = cast::OUTSIDERS.iter().map(|uri| ((*uri).to_owned(), Kind::Partner, false));
    let partners = (0..users / 6 + 10).map(|n| {
        let company = PARTNERS[n * n % PARTNERS.len()];
        (format!("{}@{company}", names::person(n * 7 + 3)), Kind::Partner, true)
    });
    let public = (0..users / 30 + 4)
        .map(|n| (format!("{}@{PUBLIC_IM}", names::person(n * 11 + 5)), Kind::PublicIm, true));
    let anonymous =
        std::iter::once(("anonymous@anonymous.invalid".to_owned(), Kind::Anonymous, false));
    story
        .chain(partners)
        .chain(public)
        .chain(anonymous)
        .enumerate()
        .map(|(n, p)| outsider(n, p, seed))
        .collect()
}

fn outsider(n: usize, (uri, kind, ordinary): (String, Kind, bool), seed: u64) -> Party {
    let mut random = Random::at(&[seed, 2, n as u64]);
    let site = random.index(2);
    Party {
        uri,
        kind,
        ordinary,
        client: super::equipment::PARTNER_CLIENT,
        outside_percent: 100,
        ..employee(site, &mut random)
    }
    .without_desk()
}

impl Party {
    /// Outsiders have no place in our buildings.
    fn without_desk(mut self) -> Self {
        self.wireless_percent = 0;
        self.outside_percent = 100;
        self
    }
}

/// Telephones as LcsCDR names them: a number at our gateway's domain.
fn telephones(users: usize, seed: u64, numbers: &mut Vec<String>) -> Vec<Party> {
    let count = (users * 2 / 3 + 20).min(numbers::capacity());
    let story = cast::NUMBERS.iter().map(|&n| (n.to_owned(), false));
    let ordinary = (0..count).map(|n| (numbers::outside(n), true));
    story
        .chain(ordinary)
        .enumerate()
        .map(|(n, (number, ordinary))| {
            let mut random = Random::at(&[seed, 3, n as u64]);
            let site = nearest_gateway(&number);
            let uri = format!("{number}@{};user=phone", SITES[site].domain);
            numbers.push(number);
            Party {
                uri,
                kind: Kind::Telephone,
                number: Some(numbers.len() - 1),
                ordinary,
                ..employee(site, &mut random)
            }
        })
        .collect()
}

/// Numbers of North America enter and leave at Boston, all others at Munich.
fn nearest_gateway(number: &str) -> usize {
    if number.starts_with("+1") { super::sites::BOSTON } else { MUNICH }
}

fn services() -> Vec<Party> {
    let named = [(cast::VOICEMAIL, Machine::ExchangeUm), (cast::HELPDESK, Machine::ResponseGroup)]
        .map(|(uri, machine)| service(uri.to_owned(), machine, 0));
    let pools = POOLS.iter().enumerate().flat_map(|(pool, p)| {
        MACHINES[..3]
            .iter()
            .map(move |&machine| service(machine_uri(p.fqdn, p.gateway, machine), machine, pool))
    });
    named.into_iter().chain(pools).collect()
}

fn machine_uri(pool: &str, gateway: &str, machine: Machine) -> String {
    let domain = pool.split_once('.').map_or(pool, |(_, domain)| domain);
    match machine {
        Machine::Gateway => format!("{gateway}@{domain};gruu;opaque=srvr:Gateway"),
        Machine::AvMcu => format!("{pool}@{domain};gruu;opaque=srvr:AvMcu"),
        _ => format!("{pool}@{domain};gruu;opaque=srvr:MediationServer"),
    }
}

fn service(uri: String, machine: Machine, pool: usize) -> Party {
    let client = super::equipment::client_of(machine);
    let site = pool; // Pool 0 stands in Munich, pool 1 in Boston.
    let mut random = Random::at(&[u64::MAX, client as u64, pool as u64]);
    Party { uri, kind: Kind::Service(machine), client, ..employee(site, &mut random) }
        .without_desk()
}
