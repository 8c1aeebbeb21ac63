#!/bin/sh
# Liveness of a Redis pod: whether its server still answers anything at all. Loading, a script that keeps it busy, a
# primary that is away, a rotated password, a full disk and too many clients are answers; restarting would cure none of
# them.
set -u

ACCOUNT=${SESSIONDB_ACCOUNTS:-/etc/sessiondb/accounts}/monitor
RUN_DIRECTORY=${SESSIONDB_RUN:-/run/sessiondb}
PORT=${SESSIONDB_PORT:-6379}

# The supervisor waits for a verdict, or pauses after a crash: no server is meant to run.
if [ -f "$RUN_DIRECTORY/supervised" ] && [ ! -f "$RUN_DIRECTORY/role.conf" ]; then
  exit 0
fi

REDISCLI_AUTH=$(cat "$ACCOUNT/password") || exit 1
user=$(cat "$ACCOUNT/username") || exit 1
export REDISCLI_AUTH

reply=$(redis-cli -h 127.0.0.1 -p "$PORT" --user "$user" --no-auth-warning ping 2>&1)
case $reply in
*PONG* | *LOADING* | *MASTERDOWN* | *BUSY* | *NOAUTH* | *WRONGPASS* | *NOPERM* | *MISCONF* | *"max number of clients"*)
  exit 0
  ;;
esac
echo "not alive: ping says $reply"
exit 1
