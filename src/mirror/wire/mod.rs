//! TDS below the driver: the way to the server, and rows straight from its packets.
//!
//! tiberius logs in and reads the catalogue. It makes of every value an object of its own, which
//! costs more than all the rest of a copy; so rows are taken from the packets here, and the driver
//! is handed a [`Carrier`] that both may use in turn. TLS is below it for the same reason.
//! The protocol is MS-TDS; section numbers are those of its version 36.

mod answer;
mod carrier;
mod channel;
mod column;
mod login;
mod packets;
mod prelogin;
mod reader;
mod tls;
mod type_info;
mod wrapped;

pub use answer::{Answer, Row, Step};
pub use carrier::Carrier;
pub use channel::Channel;
pub use column::WireColumn;
pub use login::agreed_packet_size;
pub use packets::{Incoming, send_batch};
pub use tls::Tls;
pub use type_info::WireType;
