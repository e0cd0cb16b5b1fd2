//! Clients, audio devices, drivers and computers.

use super::servers::Machine;

/// A SIP user agent and its published type code (`UserAgentDef`).
#[derive(Debug)]
pub struct Client {
    pub agent: &'static str,
    pub ua_type: i32,
    /// Desk use among employees, in percent; 0 for servers and outsiders.
    pub share: u64,
}

const fn client(agent: &'static str, ua_type: i32, share: u64) -> Client {
    Client { agent, ua_type, share }
}

pub const CLIENTS: [Client; 16] = [
    client("UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)", 4, 52),
    client("UCCAPI/15.0.4420.1017 OC/15.0.4420.1017 (Microsoft Lync)", 4, 18),
    client("UCCAPI/4.0.7577.4409 OC/4.0.7577.4409 (Microsoft Lync 2010)", 4, 14),
    client("MC/14.0.8 (Microsoft Lync for Mac 2011)", 64, 7),
    client("CPE/4.0.7577.4414 OCPhone/4.0.7577.4414 (Microsoft Lync Phone Edition)", 8, 9),
    client("iPhoneLync/5.3.1076 (iPhone OS 7.0.4)", 16399, 0),
    client("AndroidLync/5.3.1100 (Android 4.4)", 16400, 0),
    client("UCCAPI/15.0.4551.1005 OC/15.0.4551.1005 (Microsoft Lync) federated", 4, 0),
    client("RTCC/5.0.0.0 MediationServer", 1, 0),
    client("RTCC/5.0.0.0 AV-MCU/5.0.8308.577", 2, 0),
    client("RTCC/5.0.0.0 Response_Group_Service/5.0.8308.0", 1024, 0),
    client("RTCC/5.0.0.0 MSExchangeUM/15.00.0847.032", 16393, 0),
    client("RTCC/5.0.0.0 IMMCU/5.0.8308.577", 16409, 0),
    client("RTCC/5.0.0.0 applicationsharing/5.0.8308.577", 16397, 0),
    client("RTCC/5.0.0.0 Conferencing_Attendant_1.0/5.0.8308.0", 512, 0),
    client("Gateway/6.8 (Litware SBC 900)", 32769, 0),
];

pub const PHONE_EDITION: usize = 4;
pub const IPHONE: usize = 5;
pub const ANDROID: usize = 6;
pub const PARTNER_CLIENT: usize = 7;
pub const MEDIATION: usize = 8;
pub const AV_MCU: usize = 9;
pub const RESPONSE_GROUP: usize = 10;
pub const EXCHANGE_UM: usize = 11;
pub const IM_MCU: usize = 12;
pub const SHARING_MCU: usize = 13;
pub const GATEWAY: usize = 15;

/// The software that a machine of ours runs.
pub fn client_of(machine: Machine) -> usize {
    match machine {
        Machine::Mediation => MEDIATION,
        Machine::Gateway => GATEWAY,
        Machine::AvMcu => AV_MCU,
        Machine::ExchangeUm => EXCHANGE_UM,
        Machine::ResponseGroup => RESPONSE_GROUP,
    }
}

/// A headset, phone or built-in audio device.
#[derive(Debug)]
pub struct Device {
    pub name: &'static str,
    /// Use among employees, in percent.
    pub share: u64,
    /// What it does to the voice it captures.
    pub sound: Sound,
}

/// How a device sounds to the far end, before any network: centre of `SendListenMOS`, microphone
/// glitches per five minutes, and percent of the time that echo is heard.
#[derive(Debug, Clone, Copy)]
pub struct Sound {
    pub listen_mos: f64,
    pub glitches: f64,
    pub echo_percent: f64,
}

const fn device(
    name: &'static str,
    share: u64,
    listen_mos: f64,
    glitches: f64,
    echo_percent: f64,
) -> Device {
    Device { name, share, sound: Sound { listen_mos, glitches, echo_percent } }
}

/// The Adatum headset is a story: the only device below the 3.6 that Microsoft's Call Quality
/// Methodology asks for.
pub const DEVICES: [Device; 8] = [
    device("Litware Voice 320 Headset", 30, 4.12, 0.3, 0.4),
    device("Northwind UC-40 Headset", 22, 4.08, 0.3, 0.5),
    device("Proseware Conference Speaker S5", 10, 3.86, 0.5, 2.2),
    device("Adatum Clarity H120 Headset", 9, 2.86, 4.5, 9.0),
    device("Built-in Audio (High Definition Audio Device)", 12, 3.78, 0.6, 3.0),
    device("Trey Wireless 7 Headset", 8, 4.02, 0.4, 0.6),
    device("Desk Phone CX600 Handset", 9, 4.05, 0.2, 0.5),
    device("Mobile Phone Audio", 0, 3.92, 0.4, 0.8),
];

pub const DESK_PHONE: usize = 6;
pub const MOBILE_AUDIO: usize = 7;

/// Audio drivers; a device has the one of its index modulo the list.
pub const DRIVERS: [&str; 5] = [
    "Microsoft: 6.2.9200.16384",
    "Microsoft: 6.1.7601.18276",
    "Litware: 2.11.46.0",
    "Adatum: 1.0.3.2",
    "Realtek: 6.0.1.7083",
];

pub const WIFI_DRIVERS: [&str; 3] =
    ["Contoso Centrino N 6205", "Contoso Dual Band AC 7260", "Fabrikam BCM43228 802.11n"];

/// A kind of computer or phone, for `Endpoint`.
#[derive(Debug)]
pub struct Computer {
    pub os: &'static str,
    pub cpu: &'static str,
    pub cores: i64,
    pub mhz: i64,
    pub virtualization: i64,
}

const fn computer(
    os: &'static str,
    cpu: &'static str,
    cores: i64,
    mhz: i64,
    virtualization: i64,
) -> Computer {
    Computer { os, cpu, cores, mhz, virtualization }
}

pub const COMPUTERS: [Computer; 6] = [
    computer(
        "Windows 7 Enterprise SP1 (6.1.7601)",
        "Intel(R) Core(TM) i5-3320M CPU @ 2.60GHz",
        2,
        2600,
        0,
    ),
    computer(
        "Windows 8.1 Enterprise (6.3.9600)",
        "Intel(R) Core(TM) i7-4600U CPU @ 2.10GHz",
        2,
        2100,
        0,
    ),
    computer(
        "Windows 7 Enterprise SP1 (6.1.7601)",
        "Intel(R) Core(TM)2 Duo CPU P8600 @ 2.40GHz",
        2,
        2400,
        0,
    ),
    computer(
        "Windows 7 Enterprise SP1 (6.1.7601)",
        "Intel(R) Xeon(R) CPU E5-2670 @ 2.60GHz",
        2,
        2600,
        2,
    ),
    computer("Mac OS X 10.9.1", "Intel(R) Core(TM) i5-4250U CPU @ 1.30GHz", 2, 1300, 0),
    computer("Windows CE 6.0", "Freescale i.MX31", 1, 500, 0),
];

pub const MAC: usize = 4;
pub const PHONE_HARDWARE: usize = 5;
/// The first this many kinds are the company's Windows computers.
pub const WINDOWS_KINDS: usize = 4;

/// The server machines' kind.
pub const SERVER: Computer = computer(
    "Windows Server 2012 R2 (6.3.9600)",
    "Intel(R) Xeon(R) CPU E5-2690 v2 @ 3.00GHz",
    8,
    3000,
    2,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages() {
        assert_eq!(CLIENTS.iter().map(|c| c.share).sum::<u64>(), 100);
        assert_eq!(DEVICES.iter().map(|d| d.share).sum::<u64>(), 100);
    }

    #[test]
    fn one_headset_misses_the_methodology_target() {
        let bad = DEVICES.iter().filter(|d| d.sound.listen_mos < 3.6).map(|d| d.name);
        assert_eq!(bad.collect::<Vec<_>>(), ["Adatum Clarity H120 Headset"]);
    }
}
