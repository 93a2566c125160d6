//! keruen-domain
