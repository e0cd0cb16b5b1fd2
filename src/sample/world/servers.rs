//! Pools, front ends, edges, mediation servers and gateways.

/// A pool and the machines that stand behind it. Keys in the databases are positions plus one.
#[derive(Debug)]
pub struct Pool {
    pub fqdn: &'static str,
    pub front_ends: [&'static str; 2],
    pub edge: &'static str,
    /// Reverse media relay address of the edge.
    pub edge_address: [u8; 4],
    pub mediation: &'static str,
    pub gateway: &'static str,
    /// The subnet of its servers; machines have the addresses after it.
    pub subnet: [u8; 4],
}

pub const POOLS: [Pool; 2] = [
    Pool {
        fqdn: "pool01.contoso.com",
        front_ends: ["fe01.contoso.com", "fe02.contoso.com"],
        edge: "edge01.contoso.com",
        edge_address: [192, 0, 2, 10],
        mediation: "med01.contoso.com",
        gateway: "gw-muc01.contoso.com",
        subnet: [10, 250, 1, 0],
    },
    Pool {
        fqdn: "pool02.litwareinc.com",
        front_ends: ["fe11.litwareinc.com", "fe12.litwareinc.com"],
        edge: "edge02.litwareinc.com",
        edge_address: [192, 0, 2, 20],
        mediation: "med02.litwareinc.com",
        gateway: "gw-bos01.litwareinc.com",
        subnet: [10, 250, 2, 0],
    },
];

/// A machine that takes part in media, by pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    Mediation,
    Gateway,
    AvMcu,
    ExchangeUm,
    ResponseGroup,
}

/// Media machines in the order of their addresses in the pool's subnet.
pub const MACHINES: [Machine; 5] = [
    Machine::Mediation,
    Machine::Gateway,
    Machine::AvMcu,
    Machine::ExchangeUm,
    Machine::ResponseGroup,
];
