//! Who knows whom: a heavy-tailed network in which few contacts carry most of the calls.

use std::collections::HashSet;
use std::ops::Range;

use super::parties::Party;
use super::sites::{BRISTOL, SITES};
use crate::sample::random::Random;
use crate::sample::stories::cast;

/// The contacts of every employee, strongest first, as one list with offsets.
#[derive(Debug)]
pub struct Contacts {
    offsets: Vec<u32>,
    contacts: Vec<u32>,
}

/// Everyone who may be chosen as somebody's contact.
struct Circles<'a> {
    parties: &'a [Party],
    /// Employees by site and department, by site, and in all offices.
    teams: Vec<Vec<u32>>,
    sites: Vec<Vec<u32>>,
    company: Vec<u32>,
    outsiders: Vec<u32>,
    telephones: Vec<u32>,
}

const DEPARTMENTS: usize = super::names::DEPARTMENTS.len();

impl Contacts {
    pub fn new(parties: &[Party], employees: usize, seed: u64) -> Self {
        let circles = Circles::new(parties, employees);
        let apart = story_pairs(parties);
        let mut all = Self { offsets: vec![0], contacts: Vec::new() };
        for n in 0..employees {
            let mut random = Random::at(&[seed, 4, n as u64]);
            all.contacts.extend(circles.draw(n, &mut random, &apart));
            all.offsets.push(all.contacts.len() as u32);
        }
        all
    }

    pub fn of(&self, employee: usize) -> &[u32] {
        let range: Range<usize> =
            self.offsets[employee] as usize..self.offsets[employee + 1] as usize;
        &self.contacts[range]
    }

    /// One contact, the strong ones far more often: position = count × u³.
    pub fn draw(&self, employee: usize, random: &mut Random) -> Option<usize> {
        let contacts = self.of(employee);
        let u = random.unit();
        contacts.get((contacts.len() as f64 * u * u * u) as usize).map(|&c| c as usize)
    }
}

/// Positions of the pairs that meet in their story only.
fn story_pairs(parties: &[Party]) -> HashSet<(u32, u32)> {
    let find = |uri: &str| parties.iter().position(|p| p.uri == uri).map(|n| n as u32);
    let pairs = cast::ONLY_IN_STORY.iter().filter_map(|(a, b)| Some((find(a)?, find(b)?)));
    pairs.flat_map(|(a, b)| [(a, b), (b, a)]).collect()
}

impl<'a> Circles<'a> {
    fn new(parties: &'a [Party], employees: usize) -> Self {
        let ordinary =
            |range: Range<usize>| range.filter(|&n| parties[n].ordinary).map(|n| n as u32);
        let mut teams = vec![Vec::new(); SITES.len() * DEPARTMENTS];
        let mut sites = vec![Vec::new(); SITES.len()];
        for n in ordinary(0..employees) {
            let p = &parties[n as usize];
            teams[p.site * DEPARTMENTS + p.department].push(n);
            sites[p.site].push(n);
        }
        // Bristol keeps to itself, so that the link to it carries its story's load alone.
        let company =
            ordinary(0..employees).filter(|&n| parties[n as usize].site != BRISTOL).collect();
        let (telephones, outsiders) = ordinary(employees..parties.len())
            .filter(|&n| !matches!(parties[n as usize].kind, super::parties::Kind::Service(_)))
            .partition(|&n| parties[n as usize].is_telephone());
        Self { parties, teams, sites, company, outsiders, telephones }
    }

    /// 4 to 64 contacts, most people near 12.
    fn draw(&self, n: usize, random: &mut Random, apart: &HashSet<(u32, u32)>) -> Vec<u32> {
        if !self.parties[n].ordinary {
            return Vec::new();
        }
        let wanted = 4 + random.long_tail(9.0, 6.0).min(60.0) as usize;
        let mut seen = HashSet::new();
        let draws = (0..3 * wanted).filter_map(|_| self.candidate(n, random));
        draws
            .filter(|&c| c as usize != n && !apart.contains(&(n as u32, c)) && seen.insert(c))
            .take(wanted)
            .collect()
    }

    fn candidate(&self, n: usize, random: &mut Random) -> Option<u32> {
        let p = &self.parties[n];
        let circle = match random.weighted(&[42, 22, 14, 9, 13]) {
            0 => &self.teams[p.site * DEPARTMENTS + p.department],
            1 => &self.sites[p.site],
            2 if p.site == BRISTOL => &self.sites[p.site],
            2 => &self.company,
            3 => &self.outsiders,
            _ => &self.telephones,
        };
        popular(circle, random)
    }
}

/// Some people are everybody's contact: the front of a circle is chosen more often.
fn popular(circle: &[u32], random: &mut Random) -> Option<u32> {
    let (u, v) = (random.unit(), random.unit());
    circle.get((circle.len() as f64 * u * v.max(0.35)) as usize).copied()
}

#[cfg(test)]
mod tests {
    use crate::sample::stories::cast;
    use crate::sample::world::World;

    #[test]
    fn the_network_is_heavy_tailed() {
        let world = World::new(300, 1);
        let mut sizes: Vec<usize> = (0..300).map(|n| world.contacts.of(n).len()).collect();
        sizes.sort_unstable();
        assert!(sizes[299] > 2 * sizes[150], "largest {} median {}", sizes[299], sizes[150]);
    }

    #[test]
    fn story_people_have_no_contacts_outside_their_story() {
        let world = World::new(300, 1);
        let of = |uri: &str| world.contacts.of(world.find(uri).unwrap());
        assert!(cast::CHAIN.iter().all(|uri| of(uri).is_empty()));
        let (anna, bruno) = (world.find(cast::ANNA).unwrap(), world.find(cast::BRUNO).unwrap());
        assert!(
            !of(cast::ANNA).contains(&(bruno as u32)) && !of(cast::BRUNO).contains(&(anna as u32))
        );
    }
}
