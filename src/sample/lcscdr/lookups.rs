//! The look-ups and settings of LcsCDR.

use super::failure::{self, APPLICATIONS};
use super::meeting::{mcu_id, uri_type_id};
use crate::Result;
use crate::sample::clock::{DAY, Tick};
use crate::sample::latest::Latest;
use crate::sample::lookups::{fill, fill_names, fill_published};
use crate::sample::meeting::{COMPONENTS, Component};
use crate::sample::outcome::RESPONSES;
use crate::sample::plan::Plan;
use crate::sample::rows::Rows;
use crate::sample::sink::Sink;
use crate::sample::world::World;
use crate::sample::world::equipment::{CLIENTS, PHONE_EDITION};
use crate::sample::world::names::capitalised;
use crate::sample::world::network::desk_phone_address;
use crate::sample::world::servers::POOLS;

const CDR: &str = "LcsCDR";

pub fn write(sink: &dyn Sink, plan: &Plan, latest: &Latest) -> Result<()> {
    fill_published(sink, CDR)?;
    write_servers(sink)?;
    write_people(sink, plan, latest)?;
    write_names(sink)?;
    write_desk_phones(sink, &plan.world)?;
    fill(sink, CDR, "ErrorDef", write_error_definitions)?;
    fill(sink, CDR, "SIPResponseMetaData", write_responses)?;
    fill(sink, CDR, "PurgeSettings", |rows| {
        rows.put("Id", 1)
            .put("EnablePurge", true)
            .put("KeepCallDetailForDays", 60)
            .put("KeepErrorReportForDays", 60)
            .put("PurgeHour", 2)
            .end()
    })
}

fn write_servers(sink: &dyn Sink) -> Result<()> {
    let names =
        |table, id, text, names: Vec<&str>| fill_names(sink, (CDR, table), [id, text], names);
    let of_pools = |name: fn(&crate::sample::world::servers::Pool) -> &'static str| {
        POOLS.iter().map(name).collect()
    };
    names("Pools", "PoolId", "PoolFQDN", of_pools(|p| p.fqdn))?;
    names("EdgeServers", "EdgeServerId", "EdgeServer", of_pools(|p| p.edge))?;
    names("MediationServers", "MediationServerId", "MediationServer", of_pools(|p| p.mediation))?;
    names("Gateways", "GatewayId", "Gateway", of_pools(|p| p.gateway))?;
    names("Servers", "ServerId", "ServerFQDN", POOLS.iter().flat_map(|p| p.front_ends).collect())?;
    fill(sink, CDR, "Mcus", |rows| {
        for (pool, p) in POOLS.iter().enumerate() {
            for component in &COMPONENTS[1..] {
                let uri = format!("sip:{};gruu;opaque=srvr:{}", p.fqdn, component.label());
                rows.put("McuId", mcu_id(pool, *component))
                    .put("McuUri", uri.as_str())
                    .put("McuTypeId", uri_type_id(*component))
                    .end()?;
            }
        }
        Ok(())
    })
}

fn write_names(sink: &dyn Sink) -> Result<()> {
    const CONTENT: [&str; 3] = ["application/sdp", "text/plain", "application/cccp+xml"];
    fill_names(sink, (CDR, "ContentTypes"), ["ContentTypeId", "ContentType"], CONTENT)?;
    fill_names(sink, (CDR, "Application"), ["ApplicationId", "Name"], APPLICATIONS)?;
    fill(sink, CDR, "ConferenceJoinTimeThresholds", |rows| {
        [(1, 2), (2, 5), (3, 10)].into_iter().try_for_each(|(id, seconds)| {
            rows.put("ThresholdId", id).put("ThresholdValue", seconds).end()
        })
    })?;
    fill(sink, CDR, "ClientVersions", |rows| {
        (1..).zip(&CLIENTS).try_for_each(|(id, client)| {
            rows.put("VersionId", id)
                .put("Version", client.agent)
                .put("ClientType", client.ua_type)
                .end()
        })
    })?;
    fill(sink, CDR, "UriTypes", |rows| {
        let fixed = [(0, "User Uri"), (1, "Phone Uri")];
        let conferences = COMPONENTS.map(|c: Component| (uri_type_id(c), c.label()));
        fixed
            .into_iter()
            .chain(conferences)
            .try_for_each(|(id, label)| rows.put("UriTypeId", id).put("UriType", label).end())
    })?;
    fill(sink, CDR, "Tenants", |rows| {
        (0..4).try_for_each(|id| {
            let key = format!("00000000-0000-0000-0000-{id:012}");
            rows.put("TenantId", id).put("TenantKey", key.as_str()).end()
        })
    })
}

fn write_people(sink: &dyn Sink, plan: &Plan, latest: &Latest) -> Result<()> {
    let world = &plan.world;
    let seen = plan.midnight(plan.days).plus(DAY);
    fill(sink, CDR, "Users", |rows| write_users(rows, world, seen))?;
    fill(sink, CDR, "Phones", |rows| {
        (1..).zip(&world.numbers).try_for_each(|(id, number)| {
            rows.put("PhoneId", id).put("PhoneUri", number.as_str()).put("NextUpdateTS", seen).end()
        })
    })?;
    fill(sink, CDR, "UserStatistics", |rows| {
        (0..world.employees).try_for_each(|n| {
            rows.put("UserId", world.main_user_id(n))
                .put("LastLogInTime", latest.sign_in.of(n))
                .put("LastConfOrganizedTime", latest.organized.of(n))
                .put("LastCallOrganizerCallFailureTime", latest.failed_call.of(n))
                .put("LastConfOrganizerCallFailureTime", latest.failed_meeting.of(n))
                .end()
        })
    })
}

/// Every party, then the second spellings.
fn write_users(rows: &mut Rows, world: &World, seen: Tick) -> Result<()> {
    let usual = world.parties.iter().map(|p| (p, p.uri.clone()));
    let respelled =
        world.respelled.iter().map(|&n| (&world.parties[n], capitalised(&world.parties[n].uri)));
    for (id, (party, uri)) in (1..).zip(usual.chain(respelled)) {
        rows.put("NextUpdateTS", seen)
            .put("UserId", id)
            .put("UserUri", uri.as_str())
            .put("TenantId", party.tenant())
            .put("UriTypeId", i32::from(party.is_telephone()))
            .end()?;
    }
    Ok(())
}

/// Desk phones report to the registrar which hardware they are.
fn write_desk_phones(sink: &dyn Sink, world: &World) -> Result<()> {
    let makers = ["Polycom", "Aastra"];
    fill_names(sink, (CDR, "Manufacturers"), ["ManufacturerId", "Manufacturer"], makers)?;
    fill_names(
        sink,
        (CDR, "HardwareVersions"),
        ["VersionId", "Version"],
        ["CX600 rev A", "6725ip rev 2"],
    )?;
    fill(sink, CDR, "Devices", |rows| {
        let owners = (0..world.employees).filter(|&n| world.parties[n].client == PHONE_EDITION);
        for n in owners {
            let model = (n % makers.len()) as i32 + 1;
            rows.put("DeviceId", n as i32 + 1)
                .put("ManufacturerId", model)
                .put("HardwareVersionId", model)
                .put("MacAddress", desk_phone_address(n) as i64)
                .end()?;
        }
        Ok(())
    })
}

fn write_error_definitions(rows: &mut Rows) -> Result<()> {
    failure::definitions().try_for_each(|(id, outcome, call_type)| {
        rows.put("ErrorId", id)
            .put("ResponseCode", outcome.response)
            .put("MsDiagId", outcome.diagnostic)
            .put("CallTypeId", call_type)
            .put("RequestType", if call_type == 0 { "REGISTER" } else { "INVITE" })
            .put("ContentType", (call_type > 0).then_some("application/sdp"))
            .end()
    })
}

fn write_responses(rows: &mut Rows) -> Result<()> {
    RESPONSES.iter().try_for_each(|&(code, phrase)| {
        rows.put("ResponseCode", code).put("Class", code / 100).put("Description", phrase).end()
    })
}
