-- Bundles of entries are made of the events when they are asked for: a second copy cost the writers time and room, and could say
-- something else than the events do.
drop table audit_bundle;
