#!/bin/sh
# Run once by the image of PostgreSQL in a new cluster: the login that owns the product's schemas, its empty database,
# and who may copy the cluster. Everything else is made by the release steps.
set -eu
# Read from standard input: on a command line a password would be everybody's. psql quotes it.
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'END'
\set owner_password `cat /run/secrets/owner_password`
SET password_encryption = 'scram-sha-256';
SET log_statement = 'none';
CREATE ROLE lms_owner LOGIN NOINHERIT CREATEROLE NOCREATEDB PASSWORD :'owner_password';
CREATE DATABASE lms OWNER lms_owner;
REVOKE ALL ON DATABASE lms FROM PUBLIC;
END

echo 'host replication postgres samenet scram-sha-256' >> "$PGDATA/pg_hba.conf"
