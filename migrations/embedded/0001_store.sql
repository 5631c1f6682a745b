-- The embedded home of one comune: a GeoPackage 1.3 (OGC 12-128r17) that also holds what only Atlante reads.
-- Keys begin with the comune, so that the same tables can be partitioned by comune on a server.
-- Tables of ours begin with store_ and are strict; feature tables have the name of their layer.
-- Wide blobs stand last, so that reading what is before them does not walk their pages.

pragma application_id = 0x47504b47; -- 'GPKG'
pragma user_version = 10300;        -- GeoPackage 1.3.0; the version of our own tables is in _sqlx_migrations

create table gpkg_spatial_ref_sys (
    srs_name text not null,
    srs_id integer primary key,
    organization text not null,
    organization_coordsys_id integer not null,
    definition text not null,
    description text
);

insert into gpkg_spatial_ref_sys values
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
    ('WGS 84 geodetic', 4326, 'EPSG', 4326,
     'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
     'longitude first in the geometries, as GeoPackage asks');

create table gpkg_contents (
    table_name text not null primary key,
    data_type text not null,
    identifier text unique,
    description text default '',
    last_change datetime not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    min_x double,
    min_y double,
    max_x double,
    max_y double,
    srs_id integer,
    constraint fk_gc_r_srs_id foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id)
);

create table gpkg_geometry_columns (
    table_name text not null,
    column_name text not null,
    geometry_type_name text not null,
    srs_id integer not null,
    z tinyint not null,
    m tinyint not null,
    constraint pk_geom_cols primary key (table_name, column_name),
    constraint uk_gc_table_name unique (table_name),
    constraint fk_gc_tn foreign key (table_name) references gpkg_contents (table_name),
    constraint fk_gc_srs foreign key (srs_id) references gpkg_spatial_ref_sys (srs_id)
);

-- What is in the file, for whoever opens it in QGIS. An attributes table that is listed also tells GDAL that the tables
-- that are not listed are not layers.
create table store_about (
    id integer primary key,
    comune text not null,
    generation text,   -- that the figures are of
    as_of text,        -- date they describe
    published_at text
) strict;

insert into gpkg_contents (table_name, data_type, identifier, description)
values ('store_about', 'attributes', 'store_about', 'Atlante: what this file is about');

create table store_home (
    comune text primary key,                  -- one row: this home holds one comune
    key_print blob not null,                  -- tells the right key from another without showing it
    last_source integer not null default 0,   -- numbers are never used again: seals name them
    last_generation integer not null default 0,
    rebuilt text,                             -- the generation of people and places that holds
    served text,                              -- the generation that is served
    audit_count integer not null default 0,   -- where the audit chain ends, so that a log cut short shows
    audit_hash blob not null                  -- zeros before the first entry
) strict;

create table store_source (
    comune text not null references store_home (comune),
    id integer not null,
    kind text not null,       -- bank/anagrafe, civics, civic_points, layer/boundary
    content blob not null,    -- keyed hash of the file: a hash of a short bank could be guessed
    file text not null,       -- its name, no folder
    state text not null check (state in ('open', 'complete', 'superseded')),
    begun_at text not null,   -- RFC 3339, UTC
    batches integer not null default 0,
    rows integer not null default 0,     -- sums that the importer gave at the end; check compares them with the batches
    records integer not null default 0,
    rejects integer not null default 0,
    primary key (comune, id)
) strict;

-- One current source of each kind, and one import to resume of each content.
create unique index store_source_complete on store_source (comune, kind) where state = 'complete';
create unique index store_source_open on store_source (comune, kind, content) where state = 'open';

create table store_batch (
    comune text not null,
    source integer not null,
    idx integer not null,          -- from 0, no gaps
    first_row integer not null,
    last_row integer not null,     -- first_row - 1 when it covers no row
    records integer not null,
    refused integer not null,      -- rows that became no record
    length integer not null,       -- bytes before compression
    hash blob not null,            -- blake3 of the block as it lies here: damage shows without the key
    troubles_length integer not null,
    troubles_hash blob not null,
    troubles blob not null,        -- rejects and warnings
    payload blob not null,
    primary key (comune, source, idx),
    foreign key (comune, source) references store_source (comune, id) on delete cascade
) strict;

create table store_generation (
    comune text not null references store_home (comune),
    id text not null,             -- 16 hexadecimal digits
    line text not null check (line in ('rebuilt', 'served')),
    ordinal integer not null,     -- order of publication
    as_of text not null,
    at text not null,
    primary key (comune, id)
) strict;

create table store_artefact (
    comune text not null,
    generation text not null,
    name text not null,
    length integer not null,      -- bytes before compression
    chunks integer not null,      -- so that a missing tail shows
    primary key (comune, generation, name),
    foreign key (comune, generation) references store_generation (comune, id) on delete cascade
) strict;

create table store_chunk (
    comune text not null,
    generation text not null,
    name text not null,
    idx integer not null,
    length integer not null,
    hash blob not null,
    bytes blob not null,
    primary key (comune, generation, name, idx),
    foreign key (comune, generation, name) references store_artefact (comune, generation, name) on delete cascade
) strict;

-- The exact features; the feature table of the same name is their door for QGIS, whose columns cannot hold every value.
create table store_layer (
    comune text not null references store_home (comune),
    name text not null,
    title_it text not null,
    title_en text not null,
    features integer not null,
    length integer not null,
    hash blob not null,
    bytes blob not null,
    primary key (comune, name)
) strict;

create table store_alias (
    comune text not null references store_home (comune),
    written text not null,   -- a street as the banks write it, folded
    street integer,          -- PROGRESSIVO_NAZIONALE; null: not a street of the town
    at text not null,
    primary key (comune, written)
) strict;

create table store_token (
    comune text not null references store_home (comune),
    id integer not null,
    name text not null,
    role text not null,
    hash blob not null,       -- never the token
    created_at text not null,
    revoked_at text,
    primary key (comune, id),
    unique (comune, hash)
) strict;

-- A revoked name may be used again.
create unique index store_token_name on store_token (comune, name) where revoked_at is null;

create table store_audit (
    comune text not null references store_home (comune),
    seq integer not null,     -- from 1, no gaps
    at text not null,
    actor text not null,
    role text not null,
    action text not null,
    object text not null,
    rows integer not null,
    outcome text not null,
    prev blob not null,       -- the hash before it; zeros for the first
    hash blob not null,       -- over the entry and the hash before it
    primary key (comune, seq)
) strict;

create trigger store_audit_no_update before update on store_audit
begin
    select raise(abort, 'the audit log is append-only');
end;

create trigger store_audit_no_delete before delete on store_audit
begin
    select raise(abort, 'the audit log is append-only');
end;
