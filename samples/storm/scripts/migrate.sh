#!/bin/sh
# Takes the schema one version further. Whoever finds that somebody else did so meanwhile must not write.
set -eu
mkdir -p db
before=$(cat db/version 2>/dev/null || echo 1)
touch "db/arrived.$1"
if [ "$TASKS_ATTEMPT" = 1 ]; then
  # The first time all three read the same version, or there would be no conflict to see; but nobody waits for ever.
  tries=0
  until [ -e db/arrived.a ] && [ -e db/arrived.b ] && [ -e db/arrived.c ] || [ $tries -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
fi

until mkdir db/writing 2>/dev/null; do sleep 0.05; done
now=$(cat db/version 2>/dev/null || echo 1)
if [ "$now" != "$before" ]; then
  rmdir db/writing
  echo "FAILED: Conflicting migrations detected: the schema went from version $before to $now meanwhile" >&2
  exit 1
fi
echo $((now + 1)) > db/version
touch "db/applied.$1"
rmdir db/writing
