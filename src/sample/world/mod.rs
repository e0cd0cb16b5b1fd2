//! The company that the sample is about: its people, machines and network, the same for one seed.

pub mod contacts;
pub mod equipment;
pub mod names;
pub mod network;
pub mod numbers;
pub mod parties;
pub mod servers;
pub mod sites;

use std::collections::HashMap;
use std::ops::Range;

use self::contacts::Contacts;
use self::network::Network;
use self::parties::{Kind, Party};
use super::random::scatter;
use super::stories::cast;
use crate::{Error, Result};

pub struct World {
    pub seed: u64,
    /// The first parties are employees.
    pub employees: usize,
    pub parties: Vec<Party>,
    /// Telephone numbers; `PhoneId` is the position plus one.
    pub numbers: Vec<String>,
    pub contacts: Contacts,
    pub network: Network,
    /// Employees by site, for drawing who starts a session.
    pub by_site: Vec<Vec<u32>>,
    /// Second spellings in LcsCDR: the party of each `UserId` after those of the parties.
    pub respelled: Vec<usize>,
    /// The mailbox service, everybody's contact.
    pub voicemail: usize,
    pub emergency: usize,
    second_spelling: Vec<Option<i32>>,
    by_uri: HashMap<String, usize>,
}

impl World {
    pub fn new(users: usize, seed: u64) -> Self {
        let mut numbers = Vec::new();
        let parties = parties::people(users, seed, &mut numbers);
        let contacts = Contacts::new(&parties, users, seed);
        let network = Network::new(&parties[..users]);
        let respelled: Vec<usize> =
            (0..parties.len()).filter(|&n| has_two_spellings(n, &parties[n])).collect();
        let mut second_spelling = vec![None; parties.len()];
        for (id, &n) in (parties.len() + 1..).zip(&respelled) {
            second_spelling[n] = Some(id as i32);
        }
        let voicemail = parties.iter().position(|p| p.uri == cast::VOICEMAIL).unwrap_or_default();
        let is_emergency = |p: &Party| p.number.is_some_and(|n| numbers[n] == cast::EMERGENCY);
        let emergency = parties.iter().position(is_emergency).unwrap_or_default();
        let by_uri = parties.iter().enumerate().map(|(n, p)| (p.uri.clone(), n)).collect();
        let by_site =
            (0..sites::SITES.len()).map(|site| ordinary_staff(&parties[..users], site)).collect();
        Self {
            seed,
            employees: users,
            parties,
            numbers,
            contacts,
            network,
            by_site,
            respelled,
            voicemail,
            emergency,
            second_spelling,
            by_uri,
        }
    }

    /// The party of an address.
    pub fn find(&self, uri: &str) -> Result<usize> {
        let found = self.by_uri.get(uri).copied();
        found.ok_or_else(|| Error::internal(format!("the sample has no {uri}")))
    }

    /// The telephone of an outside number.
    pub fn telephone(&self, number: &str) -> Result<usize> {
        let found = self
            .parties
            .iter()
            .position(|p| p.is_telephone() && p.number.is_some_and(|n| self.numbers[n] == number));
        found.ok_or_else(|| Error::internal(format!("the sample has no telephone {number}")))
    }

    /// `Users.UserId`; now and then that of the other spelling, where there is one.
    pub fn user_id(&self, party: usize, salt: u64) -> i32 {
        let other =
            self.second_spelling[party].filter(|_| scatter(salt ^ party as u64).is_multiple_of(6));
        other.unwrap_or_else(|| self.main_user_id(party))
    }

    /// `Users.UserId` of the usual spelling.
    pub fn main_user_id(&self, party: usize) -> i32 {
        party as i32 + 1
    }

    /// `PhoneId` of a party's number.
    pub fn phone_id(&self, party: usize) -> Option<i32> {
        self.parties[party].number.map(|n| n as i32 + 1)
    }

    /// The service that a machine of a pool provides.
    pub fn machine(&self, machine: servers::Machine, pool: usize) -> usize {
        let same = |p: &Party| p.kind == Kind::Service(machine) && p.pool() == pool;
        // Services stand last; every pool has its media machines.
        self.services().find(|&n| same(&self.parties[n])).unwrap_or_default()
    }

    pub fn services(&self) -> Range<usize> {
        let first = self
            .parties
            .iter()
            .rposition(|p| !matches!(p.kind, Kind::Service(_)))
            .map_or(0, |n| n + 1);
        first..self.parties.len()
    }
}

fn ordinary_staff(employees: &[Party], site: usize) -> Vec<u32> {
    let here = employees.iter().enumerate().filter(|(_, p)| p.site == site && p.ordinary);
    here.map(|(n, _)| n as u32).collect()
}

/// About one ordinary address in forty is written in two ways; Bruno's too.
fn has_two_spellings(n: usize, party: &Party) -> bool {
    let person = matches!(party.kind, Kind::Employee | Kind::Partner);
    party.uri == cast::BRUNO || (person && party.ordinary && scatter(n as u64) % 40 == 7)
}

/// About one address in twenty-five is spelled otherwise in QoEMetrics.
pub fn differs_in_qoe(n: usize, party: &Party) -> bool {
    let person = matches!(party.kind, Kind::Employee | Kind::Partner);
    person && scatter(n as u64 ^ 0xA5) % 25 == 3
}
