//! The look-ups, network configuration and thresholds of QoEMetrics.

use std::net::Ipv4Addr;

use super::keys::{self, BANDWIDTH_SOURCES, PAYLOADS, VIDEO_CODECS};
use crate::Result;
use crate::sample::clock::{DAY, Tick};
use crate::sample::dialog::{DialogId, checksum};
use crate::sample::facts::Facts;
use crate::sample::latest::Latest;
use crate::sample::lcscdr::meeting::Addresses;
use crate::sample::lookups::{fill, fill_names, fill_published};
use crate::sample::meeting::{Component, Meeting};
use crate::sample::plan::Plan;
use crate::sample::rows::{Guid, Rows};
use crate::sample::session::Session;
use crate::sample::sink::Sink;
use crate::sample::world::equipment::{
    CLIENTS, COMPUTERS, Computer, DEVICES, DRIVERS, MAC, PHONE_EDITION, PHONE_HARDWARE, SERVER,
    WIFI_DRIVERS, WINDOWS_KINDS,
};
use crate::sample::world::names::capitalised;
use crate::sample::world::parties::{Kind, Party};
use crate::sample::world::servers::{MACHINES, Machine, POOLS};
use crate::sample::world::sites::{BOSTON, MUNICH, REGIONS, SITES};
use crate::sample::world::{World, differs_in_qoe};

const QOE: &str = "QoEMetrics";

/// `Conference.ConferenceKey`: sessions first, then meetings, then standing meetings.
#[derive(Debug, Clone, Copy)]
pub struct ConferenceKeys {
    sessions: u64,
    meetings: u64,
    seen: Tick,
}

impl ConferenceKeys {
    pub fn new(plan: &Plan) -> Self {
        let seen = plan.midnight(plan.days).plus(DAY);
        Self { sessions: plan.sessions(), meetings: plan.meetings_in_all(), seen }
    }

    pub fn of_meeting(&self, meeting: &Meeting) -> i64 {
        let after_sessions = match meeting.standing {
            true => self.meetings + meeting.organizer as u64,
            false => meeting.ordinal,
        };
        (self.sessions + after_sessions) as i64 + 1
    }

    pub fn write_meeting(&self, rows: &mut Rows, world: &World, meeting: &Meeting) -> Result<()> {
        let uri = Addresses::of(world, meeting).text(world, Component::Focus);
        self.write(rows, self.of_meeting(meeting), &uri)
    }

    pub fn write_standing(&self, rows: &mut Rows, world: &World, organizer: usize) -> Result<()> {
        let uri = Addresses::standing(organizer).text(world, Component::Focus);
        self.write(rows, (self.sessions + self.meetings + organizer as u64) as i64 + 1, &uri)
    }

    /// A dialog between two people is a conference of its own; legs of one call share a correlation.
    pub fn write_session(&self, facts: &mut Facts, session: &Session) -> Result<()> {
        let id = DialogId::of(session.salt);
        self.write(&mut facts.conference_keys, session.ordinal as i64 + 1, id.as_str())?;
        let Some(correlation) = session.correlation.filter(|c| c.first) else { return Ok(()) };
        facts
            .correlations
            .put("Checksum", checksum(&correlation.id.to_le_bytes()))
            .put("CorrelationKey", correlation.key)
            .put("CorrelationID", correlation.guid())
            .put("NextUpdateTS", self.seen)
            .end()
    }

    fn write(&self, rows: &mut Rows, key: i64, uri: &str) -> Result<()> {
        rows.put("ConferenceKey", key)
            .put("ConfURI", uri)
            .put("Checksum", checksum(uri.as_bytes()))
            .put("NextUpdateTS", self.seen)
            .end()
    }
}

pub fn write(sink: &dyn Sink, plan: &Plan, latest: &Latest) -> Result<()> {
    let world = &plan.world;
    let seen = plan.midnight(plan.days).plus(DAY);
    fill_published(sink, QOE)?;
    write_names(sink)?;
    write_devices(sink)?;
    write_network(sink, world, seen)?;
    write_configuration(sink, world)?;
    write_thresholds(sink)?;
    fill(sink, QOE, "User", |rows| write_users(rows, world, latest, seen))?;
    fill(sink, QOE, "Endpoint", |rows| write_endpoints(rows, world))?;
    fill(sink, QOE, "Server", |rows| write_servers(rows, seen))
}

fn write_names(sink: &dyn Sink) -> Result<()> {
    let names = |table, columns, names: Vec<&str>| fill_names(sink, (QOE, table), columns, names);
    names("Pool", ["PoolKey", "PoolName"], POOLS.iter().map(|p| p.fqdn).collect())?;
    names("CodecDescription", ["CodecDescriptionKey", "CodecDescription"], VIDEO_CODECS.to_vec())?;
    names(
        "AppliedBandwidthSource",
        ["AppliedBandwidthSourceKey", "AppliedBandwidthSource"],
        BANDWIDTH_SOURCES.to_vec(),
    )?;
    names(
        "PayloadDescription",
        ["PayloadDescriptionKey", "PayloadDescription"],
        PAYLOADS.iter().map(|(_, name)| *name).collect(),
    )?;
    fill(sink, QOE, "UserAgent", |rows| {
        (1..).zip(&CLIENTS).try_for_each(|(key, client)| {
            // The declared smallint cannot hold the code of gateways.
            let ua_type = i16::try_from(client.ua_type).ok().map(i32::from);
            rows.put("UserAgentKey", key)
                .put("UserAgent", client.agent)
                .put("UAType", ua_type)
                .end()
        })
    })?;
    fill(sink, QOE, "Tenant", |rows| {
        (0..4u32).try_for_each(|id| {
            rows.put("TenantKey", id as i32 + 1).put("TenantId", Guid(u128::from(id))).end()
        })
    })
}

fn write_devices(sink: &dyn Sink) -> Result<()> {
    fill(sink, QOE, "Device", |rows| {
        for (n, device) in DEVICES.iter().enumerate() {
            for (key, captures) in
                [(keys::capture_device(n), true), (keys::render_device(n), false)]
            {
                rows.put("DeviceKey", key)
                    .put("DeviceName", device.name)
                    .put("DeviceType", captures)
                    .end()?;
            }
        }
        rows.put("DeviceKey", keys::CAMERA)
            .put("DeviceName", "Litware HD Camera")
            .put("DeviceType", true)
            .end()
    })?;
    let drivers = DRIVERS.into_iter().chain(WIFI_DRIVERS);
    fill_names(sink, (QOE, "DeviceDriver"), ["DeviceDriverKey", "DeviceDriver"], drivers)
}

fn write_network(sink: &dyn Sink, world: &World, seen: Tick) -> Result<()> {
    let employees = &world.parties[..world.employees];
    fill(sink, QOE, "IPAddress", |rows| {
        (1..).zip(world.network.addresses(employees)).try_for_each(|(key, address)| {
            rows.put("IPAddressKey", key).put("IPAddress", address.to_string().as_str()).end()
        })
    })?;
    fill(sink, QOE, "MacAddress", |rows| {
        (1..).zip(world.network.hardware_addresses()).try_for_each(|(key, address)| {
            rows.put("MacAddressKey", key).put("MacAddress", hardware_text(address).as_str()).end()
        })
    })?;
    fill(sink, QOE, "EndpointSubnet", |rows| {
        subnets(world).try_for_each(|(network, ..)| {
            rows.put("SubnetIP", i64::from(u32::from(network))).put("NextUpdateTS", seen).end()
        })
    })
}

fn hardware_text(address: u64) -> String {
    let bytes = address.to_be_bytes();
    bytes[2..].iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join("-")
}

/// The company's subnets: network, site, description.
fn subnets(world: &World) -> impl Iterator<Item = (Ipv4Addr, usize, String)> + '_ {
    let offices = world.network.accesses.iter().map(|a| (a.network(), a.site, a.description()));
    let servers = POOLS.iter().zip([MUNICH, BOSTON]);
    offices.chain(
        servers
            .map(|(p, site)| (p.subnet.into(), site, format!("{} server room", SITES[site].name))),
    )
}

fn write_configuration(sink: &dyn Sink, world: &World) -> Result<()> {
    let region = |name: &str| REGIONS.iter().position(|r| *r == name).map(|n| n as i32 + 1);
    fill_names(sink, (QOE, "Region"), ["RegionKey", "RegionName"], REGIONS)?;
    fill(sink, QOE, "UserSite", |rows| {
        (1..).zip(&SITES).try_for_each(|(key, site)| {
            rows.put("UserSiteKey", key)
                .put("UserSiteName", site.name)
                .put("RegionKey", region(site.region))
                .end()
        })
    })?;
    fill(sink, QOE, "Subnet", |rows| {
        subnets(world).try_for_each(|(network, site, description)| {
            rows.put("SubnetIP", i64::from(u32::from(network)))
                .put("SubnetMask", 24)
                .put("UserSiteKey", site as i32 + 1)
                .put("SubnetDescription", description.as_str())
                .end()
        })
    })?;
    fill(sink, QOE, "MonitoredRegionLink", |rows| {
        [(1, 2), (1, 3), (2, 3)]
            .into_iter()
            .try_for_each(|(a, b)| rows.put("Region1Key", a).put("Region2Key", b).end())
    })?;
    fill(sink, QOE, "MonitoredUserSiteLink", |rows| {
        [(1, 2), (1, 3), (1, 4)]
            .into_iter()
            .try_for_each(|(a, b)| rows.put("UserSite1Key", a).put("UserSite2Key", b).end())
    })
}

fn write_users(rows: &mut Rows, world: &World, latest: &Latest, seen: Tick) -> Result<()> {
    for (n, party) in world.parties.iter().enumerate() {
        let uri =
            if differs_in_qoe(n, party) { capitalised(&party.uri) } else { party.uri.clone() };
        rows.put("UserKey", keys::user(n))
            .put("URI", uri.as_str())
            .put("URIType", uri_type(party))
            .put("TenantKey", party.tenant() + 1)
            .put("LastPoorCallTime", latest.poor_call.of(n))
            .put("NextUpdateTS", seen)
            .end()?;
    }
    Ok(())
}

/// User, conference or phone URI.
fn uri_type(party: &Party) -> i32 {
    match party.kind {
        Kind::Telephone => 8,
        Kind::Service(Machine::AvMcu) => 4,
        _ => 2,
    }
}

fn write_endpoints(rows: &mut Rows, world: &World) -> Result<()> {
    let employees = world.parties[..world.employees].iter().enumerate();
    let own = employees.map(|(n, p)| (format!("{}-PC-{n:05}", SITES[p.site].code), computer(p)));
    let servers = keys::server_endpoints().map(|(pool, slot)| (server_name(pool, slot), &SERVER));
    for (key, (name, computer)) in (1..).zip(own.chain(servers)) {
        rows.put("EndpointKey", key)
            .put("Name", name.as_str())
            .put("OS", computer.os)
            .put("CPUName", computer.cpu)
            .put("CPUNumberOfCores", computer.cores)
            .put("CPUProcessorSpeed", computer.mhz)
            .put("VirtualizationFlag", computer.virtualization)
            .end()?;
    }
    Ok(())
}

fn server_name(pool: usize, slot: usize) -> String {
    format!("{}-{:?}", POOLS[pool].fqdn, MACHINES[slot]).to_lowercase()
}

fn computer(party: &Party) -> &'static Computer {
    match CLIENTS[party.client].ua_type {
        _ if party.client == PHONE_EDITION => &COMPUTERS[PHONE_HARDWARE],
        64 => &COMPUTERS[MAC],
        _ => &COMPUTERS[party.desk % WINDOWS_KINDS],
    }
}

fn write_servers(rows: &mut Rows, seen: Tick) -> Result<()> {
    let servers = POOLS.iter().flat_map(|p| {
        [
            (p.mediation, 1, None),
            (p.fqdn, 2, Some(p.fqdn)),
            (p.edge, 16_394, None),
            (p.gateway, 32_769, None),
        ]
    });
    for (key, (name, kind, pool)) in (1..).zip(servers) {
        rows.put("ServerKey", key)
            .put("FQDNOrIP", name)
            .put("ServerType", kind)
            .put("PoolName", pool)
            .put("NextUpdateTS", seen)
            .end()?;
    }
    Ok(())
}

/// Microsoft's defaults; where a page prints 200 ms twice, the limit that its rule uses is 400.
fn write_thresholds(sink: &dyn Sink) -> Result<()> {
    fill(sink, QOE, "AppSharingMetricsThreshold", |rows| {
        rows.put("CallType", 0)
            .put("AppliedBandwidthLimitOptimal", 1_000_000)
            .put("AppliedBandwidthLimitAcceptable", 500_000)
            .put("SpoiledTilePercentTotalOptimal", 11)
            .put("SpoiledTilePercentTotalAcceptable", 36)
            .put("RelativeOneWayAverageOptimal", 1.0)
            .put("RelativeOneWayAverageAcceptable", 1.75)
            .put("RDPTileProcessingLatencyAverageOptimal", 200.0)
            .put("RDPTileProcessingLatencyAverageAcceptable", 400.0)
            .end()
    })?;
    fill(sink, QOE, "VideoMetricsThreshold", |rows| {
        rows.put("CallType", 0)
            .put("VideoPostFECPLROptimal", 0.05)
            .put("VideoPostFECPLRAcceptable", 0.1)
            .put("VideoLocalFrameLostPercentageAverageOptimal", 5)
            .put("VideoLocalFrameLostPercentageAverageAcceptable", 10)
            .put("RecvFrameRateAverageOptimal", 12)
            .put("RecvFramerateAverageAcceptable", 7)
            .put("LowFrameRateCallPercentOptimal", 5)
            .put("LowFrameRateCallPercentAcceptable", 10)
            .put("LowResolutionCallPercentOptimal", 5)
            .put("LowResolutionCallPercentAcceptable", 10)
            .put("VideoPacketLossRateOptimal", 0.05)
            .put("VideoPacketLossRateAcceptable", 0.1)
            .put("VideoFrameRateAvgOptimal", 12.0)
            .put("VideoFrameRateAvgAcceptable", 7.0)
            .put("DynamicCapabilityPercentOptimal", 5)
            .put("DynamicCapabilityPercentAcceptable", 10)
            .end()
    })?;
    fill(sink, QOE, "PurgeSettings", |rows| {
        rows.put("ID", 1)
            .put("EnablePurge", true)
            .put("KeepQoEDataForDays", 60)
            .put("PurgeHour", 1)
            .end()
    })
}
