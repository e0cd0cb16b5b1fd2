//! The mirror on disk. Nothing but this room knows how a mirror is laid out.
