/** TCP port of Redis, unless a binding or the topology says otherwise. */
export const REDIS_PORT = 6379;
/** TCP port of Sentinel. */
export const SENTINEL_PORT = 26379;
/** TCP port of the agent's HTTP status. */
export const AGENT_PORT = 8380;
