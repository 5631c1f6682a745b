//! GeoPackages that others made, read as strangers.
