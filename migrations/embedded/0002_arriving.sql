-- A comune that is being moved here is not whole yet: what it is being moved from, by the hash of its state.
alter table store_home add column arriving text;
