/**
 * ACL files of Redis and Sentinel as text: one line per account, passwords only as SHA-256 digests. Pure. Rules name no command
 * that Redis 7.0 does not know, because an unknown one there ends the start; newer commands come in by category.
 */

/** Every account of a stack. `discovery` exists on Sentinels only: clients ask with it who the primary is. */
export const ACCOUNT_NAMES = [
  "admin",
  "replication",
  "sentinel",
  "app",
  "cache",
  "monitor",
  "cleanup",
  "backup",
  "discovery",
] as const;

/** Name of an account; the user name is the same. */
export type AccountName = (typeof ACCOUNT_NAMES)[number];

/** An account and the passwords it accepts. */
export interface AclAccount {
  readonly name: AccountName;
  /** SHA-256 of each accepted password, as 64 lower-case hex digits. */
  readonly passwordHashes: readonly string[];
}

/**
 * What any client library does on connecting (names itself, picks a database, asks for INFO until the server is ready, checks
 * the role); HELLO and AUTH are open to everyone. By category, because newer servers know more of such commands
 * than 7.0 does, and minus what it holds of CLIENT KILL and the like.
 */
const CONNECT = ["+@connection", "-@dangerous", "-@admin", "+info", "+role"];

/**
 * Data commands of applications. Out of reach: everything dangerous (FLUSH*, KEYS, CONFIG, DEBUG, SHUTDOWN ...), scripts, and
 * the ways to carry a key to or from another database, since ACLs know keys but no databases. SCAN stays: adapters list with it;
 * it shows names of foreign keys, never their values. RANDOMKEY would only show names.
 */
const DATA = [
  ...["+@string", "+@hash", "+@set", "+@sortedset", "+@keyspace", "+@transaction", "+@connection"],
  ...["-@dangerous", "-@admin", "-@scripting", "-@blocking", "-move", "-copy", "-swapdb", "-randomkey"],
  // WAIT blocks by nature, and with it a client learns that a replica has its write.
  ...["+wait", "+info", "+role"],
];

const SESSION_KEYS = [
  "~session:*",
  "~user_sessions:*",
  "~refresh_token:*",
  "~deletion_token:*",
  "~expirations:*",
];

/** Rules per account on Redis, after password and before nothing: each starts from no permission at all. */
const REDIS_RULES: Readonly<Partial<Record<AccountName, readonly string[]>>> = {
  admin: ["~*", "&*", "+@all"],
  replication: ["+psync", "+replconf", "+ping"],
  // What Sentinel does to the instances it watches, including the reconfiguration of a failover.
  sentinel: [
    ...["&__sentinel__:hello", "+ping", "+info", "+role", "+publish", "+subscribe", "+multi", "+exec"],
    ...["+replicaof", "+slaveof", "+config|rewrite", "+client|setname", "+client|kill", "+script|kill"],
  ],
  app: [
    ...SESSION_KEYS,
    "&__keyevent@0__:expired",
    ...DATA,
    ...["+subscribe", "+unsubscribe", "+psubscribe", "+punsubscribe"],
  ],
  cache: ["~cache:*", ...DATA],
  // No CONFIG GET: it would show `masterauth`, and with that a monitor could replicate everything. No key access.
  monitor: [
    ...CONNECT,
    ...[
      "+dbsize",
      "+lastsave",
      "+slowlog|get",
      "+slowlog|len",
      "+client|list",
      "+memory|stats",
      "+memory|doctor",
    ],
    ...["+latency|latest", "+latency|history", "+latency|histogram", "+latency|doctor", "+latency|graph"],
  ],
  // Reads and deletes entries, but writes no session: what it may do with each kind of key is a selector of its own.
  cleanup: [
    ...["+ping", "+select", "+client|setname", "+info", "+time", "+scan"],
    ...["+watch", "+unwatch", "+multi", "+exec", "+exists", "+unlink", "+type", "+pttl", "+hmget", "+get"],
    ...SESSION_KEYS,
    "~cache:*",
    "(-@all +zrangebyscore +zscan +zscore +zrem +sscan +srem +sismember ~user_sessions:* ~expirations:*)",
    "(-@all +zadd ~expirations:*)",
    "(-@all +pexpireat ~session:* ~refresh_token:* ~deletion_token:*)",
    "(-@all +pexpiretime +pexpireat +object|idletime ~cache:*)",
    "(-@all +watch +get +set +del +pexpire +pttl ~sessiondb:cleanup:*)",
  ],
  // Attaches as a replica does and reads the stream; it can neither read nor write single keys.
  backup: ["+ping", "+client|setname", "+info", "+psync", "+replconf"],
};

const SENTINEL_QUESTIONS = [
  ...["+sentinel|get-master-addr-by-name", "+sentinel|master", "+sentinel|masters", "+sentinel|replicas"],
  ...["+sentinel|slaves", "+sentinel|sentinels", "+sentinel|myid", "+sentinel|ckquorum"],
];

/** Rules per account on Sentinels. */
const SENTINEL_RULES: Readonly<Partial<Record<AccountName, readonly string[]>>> = {
  admin: ["&*", "+@all"],
  // What the other Sentinels ask and tell.
  sentinel: [
    "&__sentinel__:hello",
    "+ping",
    "+client|setname",
    "+publish",
    "+sentinel|is-master-down-by-addr",
  ],
  discovery: [
    "&*",
    ...CONNECT,
    ...SENTINEL_QUESTIONS,
    ...["+subscribe", "+unsubscribe", "+psubscribe", "+punsubscribe"],
  ],
  monitor: [...CONNECT, ...SENTINEL_QUESTIONS, "+sentinel|info-cache"],
};

/** Which kinds of server a stack has; decides which accounts exist where. */
export interface AccountPlacement {
  readonly mode: "standalone" | "sentinel";
  readonly cacheMode: "separate" | "shared";
}

/** Accounts of the instances that hold sessions. */
export function sessionAccounts({ mode, cacheMode }: AccountPlacement): readonly AccountName[] {
  return [
    "admin",
    ...(mode === "sentinel" ? (["replication", "sentinel"] as const) : []),
    "app",
    ...(cacheMode === "shared" ? (["cache"] as const) : []),
    "monitor",
    "cleanup",
    "backup",
  ];
}

/** Accounts of the separate cache: nobody there replicates, backs up or holds sessions. */
export const CACHE_ACCOUNTS = ["admin", "cache", "monitor", "cleanup"] as const satisfies AccountName[];

/** Accounts of the Sentinels. */
export const SENTINEL_ACCOUNTS = [
  "admin",
  "sentinel",
  "discovery",
  "monitor",
] as const satisfies AccountName[];

function line(account: AclAccount, rules: readonly string[] | undefined, server: string): string {
  if (rules === undefined) throw new RangeError(`the account "${account.name}" has no place on ${server}`);
  if (account.passwordHashes.length === 0)
    throw new RangeError(`the account "${account.name}" accepts no password`);
  const wrong = account.passwordHashes.some((hash) => !/^[0-9a-f]{64}$/.test(hash));
  if (wrong)
    throw new RangeError(`the account "${account.name}" has a password hash that is no SHA-256 in hex`);
  return [
    "user",
    account.name,
    "on",
    ...account.passwordHashes.map((hash) => `#${hash}`),
    "-@all",
    ...rules,
  ].join(" ");
}

/**
 * Nobody can log in as `default`: it is off and has no password. On Redis it keeps its permissions all the same, because the
 * server itself uses them: Redis 7.0 replays transactions of the append-only file as `default`, and without
 * permission it drops them at start with one line in the log. Deletions made in a transaction would come back.
 */
const REDIS_DEFAULT_USER = "user default off resetpass ~* &* +@all";
const SENTINEL_DEFAULT_USER = "user default off resetpass resetkeys resetchannels -@all";

function render(
  accounts: readonly AclAccount[],
  rulesOf: Readonly<Partial<Record<AccountName, readonly string[]>>>,
  server: string,
  defaultUser: string,
): string {
  const lines = accounts.map((account) => line(account, rulesOf[account.name], server));
  return [defaultUser, ...lines, ""].join("\n");
}

/**
 * The ACL file of a Redis: exactly these accounts, `default` off.
 * @throws RangeError for an account without password or place there, or for a hash of the wrong shape (never quoting it)
 */
export function renderRedisAcl(accounts: readonly AclAccount[]): string {
  return render(accounts, REDIS_RULES, "Redis", REDIS_DEFAULT_USER);
}

/**
 * The ACL file of a Sentinel: exactly these accounts, `default` off.
 * @throws RangeError as `renderRedisAcl` does
 */
export function renderSentinelAcl(accounts: readonly AclAccount[]): string {
  return render(accounts, SENTINEL_RULES, "a Sentinel", SENTINEL_DEFAULT_USER);
}

/** The rules of an account on Redis, without passwords, for `ACL SETUSER` and documentation. Empty for accounts without place there. */
export function redisRules(name: AccountName): readonly string[] {
  return REDIS_RULES[name] ?? [];
}
