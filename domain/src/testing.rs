//! Generators for tests.
