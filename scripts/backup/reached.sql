-- Asked of a server that has just ended its recovery: is this what restore-cluster.sh was asked for, and what is it?
-- The server still knows what it was told; the history of its new timeline says where it stopped, and why there.
WITH present AS (
  SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS name
), line AS (
  SELECT regexp_match(
      pg_read_file('pg_wal/' || name || '.history', true),
      '(?:^|\n)(\d+)\t[0-9A-F]+/[0-9A-F]+\t([^\n]*)\s*$'
    ) AS found,
    ('x' || name)::bit(32)::int AS timeline,
    current_setting('recovery_target_time') AS moment,
    current_setting('recovery_target_name') AS point,
    pg_last_xact_replay_timestamp() AS last
  FROM present
), stop AS (
  SELECT timeline, moment, point, last, coalesce(found[1], '?') AS came_from, coalesce(found[2], '') AS reason,
    CASE WHEN found[2] ~ '^before \d{4}-' THEN substr(found[2], 8)::timestamptz END AS left_out
  FROM line
)
SELECT
  came_from = current_setting('recovery_target_timeline') AND CASE
    WHEN moment <> '' THEN left_out IS NOT NULL AND left_out > moment::timestamptz
      AND (last IS NULL OR last <= moment::timestamptz)
    WHEN point <> '' THEN reason = format('at restore point "%s"', point)
    ELSE reason = 'no recovery target specified'
  END AS is_right,
  format(
    'up to %s%s, from timeline %s, now timeline %s',
    coalesce(last::text, 'the end of the base backup'),
    CASE WHEN left_out IS NOT NULL THEN ', the next transaction would be of ' || left_out
      WHEN point <> '' THEN ', ' || reason ELSE '' END,
    came_from,
    timeline
  ) AS words
FROM stop
