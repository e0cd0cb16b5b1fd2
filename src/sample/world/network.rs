//! Addresses, subnets and hardware addresses. Keys in the databases are positions plus one.

use std::net::Ipv4Addr;

use super::parties::Party;
use super::servers::{MACHINES, Machine, POOLS};
use super::sites::SITES;

/// Where someone sits during a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On the wire in the office.
    Desk,
    /// On the office Wi-Fi.
    Wireless,
    /// Anywhere else, through the edge.
    Outside,
    /// A media machine in the server room.
    ServerRoom(Machine),
}

/// Addresses that homes and hotels hand out, and the public ones in front of them.
const HOME_ADDRESSES: usize = 2_000;
const PUBLIC_ADDRESSES: usize = 500;
const HOMES_PER_SUBNET: usize = 250;
/// Access points of a building.
const ACCESS_POINTS: usize = 3;

/// A subnet of a building, wired or Wi-Fi.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    pub site: usize,
    pub building: usize,
    pub wireless: bool,
}

impl Access {
    pub fn network(self) -> Ipv4Addr {
        let block = 16 * (self.site + 1) + self.building / 120;
        Ipv4Addr::new(
            10,
            block as u8,
            (self.building % 120 * 2 + usize::from(self.wireless)) as u8,
            0,
        )
    }

    pub fn description(self) -> String {
        let medium = if self.wireless { "Wi-Fi" } else { "wired" };
        format!("{} building {} {medium}", SITES[self.site].name, self.building + 1)
    }
}

/// The layout of all addresses: each kind begins where the one before it ends.
#[derive(Debug)]
pub struct Network {
    /// Subnets of buildings, two to each, site by site.
    pub accesses: Vec<Access>,
    first_access: [usize; SITES.len()],
    employees: usize,
}

impl Network {
    pub fn new(employees: &[Party]) -> Self {
        let mut accesses = Vec::new();
        let mut first_access = [0; SITES.len()];
        for (site, first) in first_access.iter_mut().enumerate() {
            *first = accesses.len();
            let here = employees.iter().filter(|p| p.site == site);
            let buildings = here.map(|p| p.building + 1).max().unwrap_or(1);
            let both = |building| [false, true].map(|wireless| Access { site, building, wireless });
            accesses.extend((0..buildings).flat_map(both));
        }
        Self { accesses, first_access, employees: employees.len() }
    }

    /// The subnet of a place in an office; None outside and in the server room.
    pub fn access(&self, party: &Party, place: Place) -> Option<usize> {
        let wireless = match place {
            Place::Desk => 0,
            Place::Wireless => 1,
            Place::Outside | Place::ServerRoom(_) => return None,
        };
        Some(self.first_access[party.site] + 2 * party.building + wireless)
    }

    /// Key of the address that `party` (the `n`-th of all) has at a place.
    pub fn address_key(&self, n: usize, party: &Party, place: Place) -> i32 {
        key(match place {
            Place::Desk => self.desks() + 2 * n,
            Place::Wireless => self.desks() + 2 * n + 1,
            Place::Outside => self.homes() + n % HOME_ADDRESSES,
            Place::ServerRoom(machine) => self.machine(party.pool(), machine),
        })
    }

    /// Key of the subnet's network address.
    pub fn subnet_key(&self, n: usize, party: &Party, place: Place) -> i32 {
        key(match place {
            Place::Outside => self.home_subnets() + n % HOME_ADDRESSES / HOMES_PER_SUBNET,
            Place::ServerRoom(_) => self.pool_subnets() + party.pool(),
            Place::Desk | Place::Wireless => self.access(party, place).unwrap_or_default(),
        })
    }

    pub fn edge_key(&self, pool: usize) -> i32 {
        key(self.edges() + pool)
    }

    /// Key of the public address that a home shows to the world.
    pub fn public_key(&self, n: usize) -> i32 {
        key(self.publics() + n % PUBLIC_ADDRESSES)
    }

    /// Key of the router at the door of a building's subnet.
    pub fn router_key(&self, access: usize) -> i32 {
        key(self.routers() + access)
    }

    fn pool_subnets(&self) -> usize {
        self.accesses.len()
    }

    fn machine(&self, pool: usize, machine: Machine) -> usize {
        let slot = MACHINES.iter().position(|&m| m == machine).unwrap_or_default();
        self.pool_subnets() + POOLS.len() + pool * MACHINES.len() + slot
    }

    fn edges(&self) -> usize {
        self.pool_subnets() + POOLS.len() + POOLS.len() * MACHINES.len()
    }

    fn desks(&self) -> usize {
        self.edges() + POOLS.len()
    }

    fn homes(&self) -> usize {
        self.desks() + 2 * self.employees
    }

    fn home_subnets(&self) -> usize {
        self.homes() + HOME_ADDRESSES
    }

    fn publics(&self) -> usize {
        self.home_subnets() + HOME_ADDRESSES / HOMES_PER_SUBNET
    }

    fn routers(&self) -> usize {
        self.publics() + PUBLIC_ADDRESSES
    }

    /// Every address in the order of its key.
    pub fn addresses<'a>(&'a self, employees: &'a [Party]) -> impl Iterator<Item = Ipv4Addr> + 'a {
        let pools = POOLS.iter().map(|p| Ipv4Addr::from(p.subnet));
        let machines =
            POOLS.iter().flat_map(|p| (1..=MACHINES.len()).map(|n| host(p.subnet.into(), n)));
        let edges = POOLS.iter().map(|p| Ipv4Addr::from(p.edge_address));
        let desks = employees.iter().flat_map(|p| self.desk_addresses(p));
        let homes = (0..HOME_ADDRESSES)
            .map(|n| host(home_subnet(n / HOMES_PER_SUBNET), n % HOMES_PER_SUBNET + 2));
        let home_subnets = (0..HOME_ADDRESSES / HOMES_PER_SUBNET).map(home_subnet);
        let routers = self.accesses.iter().map(|a| host(a.network(), 1));
        let networks = self.accesses.iter().map(|a| a.network());
        networks
            .chain(pools)
            .chain(machines)
            .chain(edges)
            .chain(desks)
            .chain(homes)
            .chain(home_subnets)
            .chain((0..PUBLIC_ADDRESSES).map(public_address))
            .chain(routers)
    }

    /// The address that the registrar sees: in the office one's own, else the public one.
    pub fn seen_address(&self, n: usize, party: &Party, place: Place) -> Ipv4Addr {
        let [desk, wireless] = self.desk_addresses(party);
        match place {
            Place::Desk => desk,
            Place::Wireless => wireless,
            Place::Outside | Place::ServerRoom(_) => public_address(n % PUBLIC_ADDRESSES),
        }
    }

    fn desk_addresses(&self, party: &Party) -> [Ipv4Addr; 2] {
        [(Place::Desk, 10), (Place::Wireless, 100)].map(|(place, first)| {
            let access = self.access(party, place).unwrap_or_default();
            host(self.accesses[access].network(), first + party.desk)
        })
    }

    /// Key of a hardware address: of an employee's wired (0) or Wi-Fi (1) adapter.
    pub fn adapter_key(&self, n: usize, place: Place) -> Option<i32> {
        match place {
            Place::Desk => Some(key(2 * n)),
            Place::Wireless => Some(key(2 * n + 1)),
            Place::Outside | Place::ServerRoom(_) => None,
        }
    }

    /// Key of the access point (BSSID) that a Wi-Fi desk hears best.
    pub fn access_point_key(&self, party: &Party, place: Place) -> Option<i32> {
        let access = self.access(party, place).filter(|_| place == Place::Wireless)?;
        Some(key(2 * self.employees + access / 2 * ACCESS_POINTS + party.desk % ACCESS_POINTS))
    }

    /// Every hardware address in the order of its key.
    pub fn hardware_addresses(&self) -> impl Iterator<Item = u64> {
        let adapters = (0..2 * self.employees).map(|n| 0x0200_5E10_0000 + n as u64);
        let access_points =
            (0..self.accesses.len() / 2 * ACCESS_POINTS).map(|n| 0x0200_5EA0_0000 + n as u64 * 16);
        adapters.chain(access_points)
    }
}

/// The hardware address of a desk phone, as LcsCDR packs it.
pub fn desk_phone_address(n: usize) -> u64 {
    0x0200_5E10_0000 + 2 * n as u64
}

fn key(position: usize) -> i32 {
    position as i32 + 1
}

fn host(network: Ipv4Addr, n: usize) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(network) + n as u32)
}

fn home_subnet(n: usize) -> Ipv4Addr {
    Ipv4Addr::new(192, 168, n as u8, 0)
}

/// Out of TEST-NET-2 and TEST-NET-3 (RFC 5737).
fn public_address(n: usize) -> Ipv4Addr {
    let [a, b, c] = if n < PUBLIC_ADDRESSES / 2 { [198, 51, 100] } else { [203, 0, 113] };
    Ipv4Addr::new(a, b, c, (n % (PUBLIC_ADDRESSES / 2) + 1) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::world::World;

    #[test]
    fn keys_point_to_the_addresses_they_mean() {
        let world = World::new(300, 1);
        let employees = &world.parties[..300];
        let all: Vec<Ipv4Addr> = world.network.addresses(employees).collect();
        let at = |key: i32| all[key as usize - 1];
        let (n, p) = (17, &employees[17]);
        let subnet = at(world.network.subnet_key(n, p, Place::Wireless));
        let address = at(world.network.address_key(n, p, Place::Wireless));
        assert_eq!(subnet.octets()[..3], address.octets()[..3]);
        assert_eq!(
            at(world.network.address_key(n, p, Place::ServerRoom(Machine::AvMcu))).octets()[..2],
            [10, 250]
        );
        assert_eq!(at(world.network.public_key(n)).octets()[0], 198);
        assert_eq!(at(world.network.edge_key(1)), Ipv4Addr::new(192, 0, 2, 20));
        assert_eq!(at(world.network.router_key(0)).octets()[3], 1);
        assert_eq!(at(world.network.subnet_key(n, p, Place::Outside)).octets()[..2], [192, 168]);
    }

    #[test]
    fn no_address_is_listed_twice() {
        let world = World::new(700, 1);
        let all: Vec<Ipv4Addr> = world.network.addresses(&world.parties[..700]).collect();
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), all.len());
    }
}
