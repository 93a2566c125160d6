//! Reusable view: values and signals come in, callbacks go out.
