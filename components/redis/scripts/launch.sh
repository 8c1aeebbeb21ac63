#!/bin/sh
# Supervisor of redis-server in sentinel mode: the first process of the Redis container.
#
# Before every start of redis-server, also after a crash, it asks the agent beside it in which role to start, and
# waits for the answer without a bound of its own (the agent reports when it takes long). A crash does not end the
# container, so the kubelet's growing restart pauses never apply.
#
# Uses nothing but shell built-ins and cat, mv, rm, sleep, date, redis-server. No secret passes through here.
set -u
umask 077

RUN_DIRECTORY=${SESSIONDB_RUN:-/run/sessiondb}
BASE_CONFIG=${SESSIONDB_REDIS_CONF:-/etc/sessiondb/redis/redis.conf}
PAUSE_AFTER_CRASH_SECONDS=1

REQUEST=$RUN_DIRECTORY/start-request
ANSWER=$RUN_DIRECTORY/role.conf
CONFIG=$RUN_DIRECTORY/redis.conf
# Tells the liveness probe that no server need run while there is no answer.
MARKER=$RUN_DIRECTORY/supervised

child=
stopping=

say() {
  echo "launch: $*" >&2
}

# Ending right away is safe while only a sleep runs; a running server is asked to end and waited for.
on_stop() {
  stopping=yes
  if [ -n "$child" ]; then
    kill -TERM "$child" 2>/dev/null
  fi
}

# Sleeps in the background, for a signal interrupts `wait` at once but never a foreground command.
pause() {
  sleep "$1" &
  child=$!
  wait "$child"
  pause_status=$?
  child=
  return "$pause_status"
}

# Part of a second where this sleep understands it; POSIX promises whole seconds only.
short_pause() {
  pause 0.2 2>/dev/null || [ -n "$stopping" ] || pause 1
}

new_id() {
  if read -r id </proc/sys/kernel/random/uuid 2>/dev/null; then
    return
  fi
  count=$((${count:-0} + 1))
  id=$(date +%s)-$$-$count
}

ask() {
  rm -f "$ANSWER"
  new_id
  echo "$id" >"$REQUEST.tmp" && mv "$REQUEST.tmp" "$REQUEST"
}

answered() {
  [ -f "$ANSWER" ] || return 1
  first=
  read -r first <"$ANSWER"
  [ "$first" = "# request $id" ]
}

# Runs redis-server until it has ended; sets `status`.
serve() {
  redis-server "$CONFIG" &
  child=$!
  # A signal that came in between has found no child to forward itself to.
  if [ -n "$stopping" ]; then
    kill -TERM "$child" 2>/dev/null
  fi
  while :; do
    wait "$child"
    status=$?
    # A trapped signal ends `wait` early; the server is gone only when it cannot be signalled any more.
    kill -0 "$child" 2>/dev/null || break
  done
  child=
}

trap on_stop TERM INT
: >"$MARKER"

while [ -z "$stopping" ]; do
  ask
  say "waiting for the agent's verdict on request $id"
  until answered || [ -n "$stopping" ]; do
    short_pause
  done
  [ -z "$stopping" ] || break
  if ! cat "$BASE_CONFIG" "$ANSWER" >"$CONFIG.tmp" || ! mv "$CONFIG.tmp" "$CONFIG"; then
    say "cannot write $CONFIG"
    exit 1
  fi
  say "starting redis-server"
  serve
  # The answer was for that start only; without it nobody takes this node for one that is about to run.
  rm -f "$ANSWER" "$REQUEST"
  if [ -n "$stopping" ]; then
    say "redis-server ended with status $status after the stop signal"
    exit "$status"
  fi
  say "redis-server ended by itself with status $status; asking for a new verdict"
  pause "$PAUSE_AFTER_CRASH_SECONDS"
done

rm -f "$REQUEST"
say "stopped while no server ran"
exit 0
