-- What waits for a channel that does not take it: counted on the channels' page.
create index delivery_waiting on delivery (channel) where state = 'failed' and settled_at is null;
