//! keruen-server
