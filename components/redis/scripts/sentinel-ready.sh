#!/bin/sh
# Readiness of a Sentinel pod: it answers and knows a primary to name.
set -u

ACCOUNT=${SESSIONDB_ACCOUNTS:-/etc/sessiondb/accounts}/monitor
PORT=${SESSIONDB_SENTINEL_PORT:-26379}
PRIMARY_NAME=${SESSIONDB_MASTER_NAME:-sessiondb}

# Through the environment, for arguments are visible to every process of the node.
REDISCLI_AUTH=$(cat "$ACCOUNT/password") || exit 1
user=$(cat "$ACCOUNT/username") || exit 1
export REDISCLI_AUTH

ask() {
  redis-cli -h 127.0.0.1 -p "$PORT" --user "$user" --no-auth-warning "$@" 2>&1
}

pong=$(ask ping)
if [ "$pong" != PONG ]; then
  echo "not ready: ping says $pong"
  exit 1
fi

# Two lines, host and port, when it knows one; a single line with an error otherwise.
address=$(ask sentinel get-master-addr-by-name "$PRIMARY_NAME")
port=${address##*"
"}
case $port in
"$address" | "" | *[!0-9]*)
  echo "not ready: asked for the primary, it says $address"
  exit 1
  ;;
esac
