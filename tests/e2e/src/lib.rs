//! keruen-e2e
