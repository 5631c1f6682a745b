-- The home of many comuni on one server: PostgreSQL 15 with PostGIS 3.
-- Every key begins with the comune and every unique key holds it, so that the tables can be partitioned, or distributed,
-- by comune. The blocks are those of the embedded home, under the same names of their places: a comune can be carried
-- from one home to the other as it is. Changes are told to other nodes by rows, not by triggers, which distributed
-- tables refuse. Who writes bumps home.revision first: writers of one comune wait there for each other.

create extension if not exists postgis;

create table atlante.home (
    comune text primary key,
    key_print bytea not null,                -- tells the right key from another without showing it
    revision bigint not null default 0,      -- of every change
    last_source bigint not null default 0,   -- numbers are never used again: seals name them
    last_generation bigint not null default 0,
    rebuilt text,                            -- the generation of people and places that holds
    served text,                             -- the generation that is served
    audit_count bigint not null default 0,   -- where the audit chain ends, so that a log cut short shows
    audit_hash bytea not null,               -- zeros before the first entry
    arriving text                            -- a comune that is being moved here is not whole yet
);

create table atlante.source (
    comune text not null references atlante.home (comune),
    id bigint not null,
    kind text not null,       -- bank/anagrafe, civics, civic_points, layer/boundary
    content bytea not null,   -- keyed hash of the file: a hash of a short bank could be guessed
    file text not null,       -- its name, no folder
    state text not null check (state in ('open', 'complete', 'superseded')),
    begun_at text not null,   -- RFC 3339, UTC, exact
    batches bigint not null default 0,
    rows bigint not null default 0,     -- sums that the importer gave at the end; check compares them with the batches
    records bigint not null default 0,
    rejects bigint not null default 0,
    primary key (comune, id)
);

-- One current source of each kind, and one import to resume of each content.
create unique index source_complete on atlante.source (comune, kind) where state = 'complete';
create unique index source_open on atlante.source (comune, kind, content) where state = 'open';

create table atlante.batch (
    comune text not null,
    source bigint not null,
    idx bigint not null,           -- from 0, no gaps
    first_row bigint not null,
    last_row bigint not null,      -- first_row - 1 when it covers no row
    records bigint not null,
    refused bigint not null,       -- rows that became no record
    length bigint not null,        -- bytes before compression
    hash bytea not null,           -- blake3 of the block as it lies here: damage shows without the key
    troubles_length bigint not null,
    troubles_hash bytea not null,
    troubles bytea not null,       -- rejects and warnings
    payload bytea not null,
    primary key (comune, source, idx),
    foreign key (comune, source) references atlante.source (comune, id) on delete cascade
);

create table atlante.generation (
    comune text not null references atlante.home (comune),
    id text not null,              -- 16 hexadecimal digits
    line text not null check (line in ('rebuilt', 'served')),
    ordinal bigint not null,       -- order of publication
    as_of text not null,
    at text not null,
    primary key (comune, id)
);

create table atlante.artefact (
    comune text not null,
    generation text not null,
    name text not null,
    length bigint not null,        -- bytes before compression
    chunks bigint not null,        -- so that a missing tail shows
    primary key (comune, generation, name),
    foreign key (comune, generation) references atlante.generation (comune, id) on delete cascade
);

create table atlante.chunk (
    comune text not null,
    generation text not null,
    name text not null,
    idx bigint not null,
    length bigint not null,
    hash bytea not null,
    bytes bytea not null,
    primary key (comune, generation, name, idx),
    foreign key (comune, generation, name) references atlante.artefact (comune, generation, name) on delete cascade
);

-- The exact features; atlante.feature is their door for whoever asks in SQL, whose types cannot hold every value.
create table atlante.layer (
    comune text not null references atlante.home (comune),
    name text not null,
    title_it text not null,
    title_en text not null,
    features bigint not null,
    length bigint not null,
    hash bytea not null,
    bytes bytea not null,
    primary key (comune, name)
);

-- Sealed or compressed already: the server need not try again.
alter table atlante.batch alter column payload set storage external, alter column troubles set storage external;
alter table atlante.chunk alter column bytes set storage external;
alter table atlante.layer alter column bytes set storage external;

-- What a view shows: a reference layer, or the public figures of the generation that is served.
create table atlante.shown (
    comune text not null references atlante.home (comune),
    name text not null,            -- of the view in the comune's own schema (atlante_m208)
    title text not null,
    shape text not null,           -- POINT, MULTIPOLYGON…
    columns jsonb not null,        -- [{"field", "column", "type"}]
    features bigint not null,
    figures boolean not null,
    primary key (comune, name)
);

create table atlante.feature (
    comune text not null,
    layer text not null,
    id bigint not null,
    shape text not null,                         -- of the layer: what its view casts to
    geom geometry(Geometry, 4326) not null,
    cell bigint,                                 -- H3, resolution 9, of a point on the surface
    properties jsonb not null,
    primary key (comune, layer, id),
    foreign key (comune, layer) references atlante.shown (comune, name) on delete cascade
);

create index feature_geom on atlante.feature using gist (geom);
create index feature_cell on atlante.feature (comune, layer, cell);
-- The views show typed geometries, so that a client knows what it opens; each type has its index.
create index feature_point on atlante.feature using gist ((geom::geometry(Point, 4326))) where shape = 'POINT';
create index feature_multipoint on atlante.feature using gist ((geom::geometry(MultiPoint, 4326)))
    where shape = 'MULTIPOINT';
create index feature_linestring on atlante.feature using gist ((geom::geometry(LineString, 4326)))
    where shape = 'LINESTRING';
create index feature_multilinestring on atlante.feature using gist ((geom::geometry(MultiLineString, 4326)))
    where shape = 'MULTILINESTRING';
create index feature_polygon on atlante.feature using gist ((geom::geometry(Polygon, 4326))) where shape = 'POLYGON';
create index feature_multipolygon on atlante.feature using gist ((geom::geometry(MultiPolygon, 4326)))
    where shape = 'MULTIPOLYGON';

create table atlante.alias (
    comune text not null references atlante.home (comune),
    written text collate "C" not null,   -- a street as the banks write it, folded
    street bigint,                       -- PROGRESSIVO_NAZIONALE; null: not a street of the town
    at text not null,
    primary key (comune, written)
);

create table atlante.token (
    comune text not null references atlante.home (comune),
    id bigint not null,
    name text not null,
    role text not null,
    hash bytea not null,       -- never the token
    created_at text not null,
    revoked_at text,
    primary key (comune, id),
    unique (comune, hash)
);

-- A revoked name may be used again.
create unique index token_name on atlante.token (comune, name) where revoked_at is null;

create table atlante.audit (
    comune text not null references atlante.home (comune),
    seq bigint not null,       -- from 1, no gaps
    at text not null,
    actor text not null,
    role text not null,
    action text not null,
    object text not null,
    rows bigint not null,
    outcome text not null,
    prev bytea not null,       -- the hash before it; zeros for the first
    hash bytea not null,       -- over the entry and the hash before it
    primary key (comune, seq)
);

-- What changed, written in the transaction that changes it. Readers ask for
-- (xid, seq) > cursor and xid < pg_snapshot_xmin(pg_current_snapshot()): by seq alone, rows would be lost.
create table atlante.change (
    comune text not null references atlante.home (comune),
    seq bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    object text not null,
    op text not null,
    revision bigint not null,
    at timestamptz not null default now(),
    primary key (comune, seq)
);

create index change_cursor on atlante.change (comune, xid, seq);

-- The second wall: a transaction sees the comuni that it says it is for (set_config('app.comuni', …, true)), even where
-- a query of ours forgets the comune, and even for the owner. Reference layers and public figures are for everyone.
do $$
declare
    walled text;
begin
    foreach walled in array array['source', 'batch', 'generation', 'artefact', 'chunk', 'alias', 'token', 'change']
    loop
        execute format('alter table atlante.%I enable row level security', walled);
        execute format('alter table atlante.%I force row level security', walled);
        execute format(
            'create policy own_comuni on atlante.%I using (comune = any (string_to_array(current_setting(''app.comuni'', true), '','')))',
            walled);
    end loop;
end
$$;

-- The audit log only grows: it can be read and added to, and no policy lets anyone change or remove an entry. A superuser
-- still could, and then the chain of hashes shows it.
alter table atlante.audit enable row level security;
alter table atlante.audit force row level security;
create policy read_own on atlante.audit for select
    using (comune = any (string_to_array(current_setting('app.comuni', true), ',')));
create policy add_own on atlante.audit for insert
    with check (comune = any (string_to_array(current_setting('app.comuni', true), ',')));
