#!/bin/sh
# Readiness of a Redis pod, standalone or not: it answers, has finished loading, and a replica has its primary.
set -u

ACCOUNT=${SESSIONDB_ACCOUNTS:-/etc/sessiondb/accounts}/monitor
PORT=${SESSIONDB_PORT:-6379}

# Through the environment, for arguments are visible to every process of the node.
REDISCLI_AUTH=$(cat "$ACCOUNT/password") || exit 1
user=$(cat "$ACCOUNT/username") || exit 1
export REDISCLI_AUTH

ask() {
  redis-cli -h 127.0.0.1 -p "$PORT" --user "$user" --no-auth-warning "$@" 2>&1
}

# A server that loads answers LOADING here.
pong=$(ask ping)
case $pong in
PONG) ;;
# It refuses writes because its disk does; reads still work, and nobody else could serve them better.
MISCONF*) ;;
*)
  echo "not ready: ping says $pong"
  exit 1
  ;;
esac

case $(ask info persistence) in
*loading:1*)
  echo "not ready: loading"
  exit 1
  ;;
esac

replication=$(ask info replication)
case $replication in
*role:master*) exit 0 ;;
*master_link_status:up*) exit 0 ;;
esac
echo "not ready: a replica without its primary"
exit 1
