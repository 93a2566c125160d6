//! keruen-formats
