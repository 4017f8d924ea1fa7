-- Prepares a PostgreSQL 15 or newer for Muster. Run once, as an administrator: psql -f deploy/postgresql.sql
-- Change both passwords first; then give them to Muster (README, "For real").
create role muster_owner login password 'change-me-owner'; -- migrates; owns everything
create role muster_app login password 'change-me-app'; -- serves; owns nothing, so that row-level security binds it
create database muster owner muster_owner encoding 'UTF8' template template0;
revoke all on database muster from public;
grant connect, temporary on database muster to muster_app;
\connect muster
revoke all on schema public from public;
grant usage on schema public to muster_app;
