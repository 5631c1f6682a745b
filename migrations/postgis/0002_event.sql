-- What operators did: scenarios, plans, deliveries. Append-only, like the audit log.
create table atlante.event (
    comune text not null references atlante.home (comune),
    seq bigint not null,                 -- from 1, no gaps: writers of a comune wait for each other
    kind text not null,                  -- plan, scenario…
    stream text not null,                -- 16 hexadecimal digits
    key text collate "C" not null,       -- what was sent twice is there once
    at text not null,                    -- RFC 3339, UTC
    actor text not null,
    length bigint not null,              -- bytes before compression
    hash bytea not null,                 -- blake3 of the block as it lies here: damage shows without the key
    body bytea not null,
    primary key (comune, seq),
    unique (comune, kind, stream, key)
);

alter table atlante.event alter column body set storage external;

-- Where it ends: a journal cut short shows.
alter table atlante.home add column event_count bigint not null default 0;

-- The second wall: it can be read and added to by its comune, and no policy lets anyone change an entry; a comune whose
-- move here was interrupted is cleared before it is moved anew.
alter table atlante.event enable row level security;
alter table atlante.event force row level security;
create policy read_own on atlante.event for select
    using (comune = any (string_to_array(current_setting('app.comuni', true), ',')));
create policy add_own on atlante.event for insert
    with check (comune = any (string_to_array(current_setting('app.comuni', true), ',')));
create policy clear_own on atlante.event for delete
    using (comune = any (string_to_array(current_setting('app.comuni', true), ','))
        and exists (select 1 from atlante.home h where h.comune = event.comune and h.arriving is not null));
