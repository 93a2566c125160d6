//! keruen-app
