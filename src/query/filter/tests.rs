//! Filters are read or refused with a reason.
