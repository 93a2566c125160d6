//! Keruen's server: keeps records in order, decides who may see and write them, hands them out.
//!
//! # Layout
//!
//! - [`store`]: the database and the bytes of files.
//! - [`machine`]: the machine's clock and random bits.

pub mod machine;
pub mod store;
