-- What operators did: scenarios, plans, deliveries. Append-only, like the audit log.
create table store_event (
    comune text not null references store_home (comune),
    seq integer not null,     -- from 1, no gaps
    kind text not null,       -- plan, scenario…
    stream text not null,     -- 16 hexadecimal digits
    key text not null,        -- what was sent twice is there once
    at text not null,         -- RFC 3339, UTC
    actor text not null,
    length integer not null,  -- bytes before compression
    hash blob not null,       -- blake3 of the block as it lies here: damage shows without the key
    body blob not null,
    primary key (comune, seq),
    unique (comune, kind, stream, key)
) strict;

create trigger store_event_no_update before update on store_event
begin
    select raise(abort, 'the journal of events is append-only');
end;

-- Where it ends: a journal cut short shows.
alter table store_home add column event_count integer not null default 0;
