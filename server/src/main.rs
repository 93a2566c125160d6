//! The program `keruen`.

fn main() {}
