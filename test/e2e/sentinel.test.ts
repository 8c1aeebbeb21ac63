import { expect } from "chai";
import { waitFor } from "../../local/support/waitFor.ts";
import { adminCli } from "./support/admin.ts";
import { createApplication, type Application } from "./support/application.ts";
import { extractBackup } from "./support/backups.ts";
import { changesOf, createInstance, type Instance } from "./support/instance.ts";
import { runCronJob } from "./support/jobs.ts";

const NAMESPACE = "sessiondb-staging";
const SESSIONS = 20_000;
const REDIS_PODS = ["redis-0", "redis-1", "redis-2"];

interface Connection {
  readonly username: string;
  readonly password: string;
  readonly database: number;
  readonly sentinels: { host: string; port: number }[];
  readonly masterName: string;
  readonly sentinelUsername: string;
  readonly sentinelPassword: string;
}

/** What INFO replication says of one pod. */
interface ReplicationState {
  readonly pod: string;
  readonly role: string | undefined;
  readonly replicas: number;
  readonly linkUp: boolean;
}

function sentinelOptions(connection: Connection): Record<string, unknown> {
  const { username, password, database, sentinels, masterName, sentinelUsername, sentinelPassword } =
    connection;
  return {
    name: masterName,
    sentinels,
    username,
    password,
    db: database,
    sentinelUsername,
    sentinelPassword,
  };
}

describe("a Sentinel stack on a real cluster", () => {
  let instance: Instance;
  let application: Application;
  let connection: unknown;

  before("up staging", async () => {
    instance = await createInstance("e2e-staging");
    await instance.run("up", "staging");
    const outputs = JSON.parse((await instance.run("outputs", "staging", "--show-secrets")).stdout) as {
      connections: { app: Connection };
    };
    connection = { sentinel: sentinelOptions(outputs.connections.app) };
    const image = await instance.kubectl([
      ...["get", "statefulset", "redis", "--namespace", NAMESPACE],
      ...["--output", 'jsonpath={.spec.template.spec.containers[?(@.name=="agent")].image}'],
    ]);
    application = await createApplication(instance, {
      namespace: "shop",
      databaseNamespace: NAMESPACE,
      image,
    });
  });

  after("remove the instance", () => instance.remove());

  const replication = async (pod: string): Promise<ReplicationState> => {
    const info = (await adminCli(instance, { namespace: NAMESPACE, pod }, ["INFO replication"])).join("\n");
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
    return {
      pod,
      role: field("role"),
      replicas: Number(field("connected_slaves") ?? 0),
      linkUp: field("master_link_status") === "up",
    };
  };

  const wholeSet = (): Promise<ReplicationState[]> => Promise.all(REDIS_PODS.map(replication));

  const primary = async (): Promise<string> => {
    const primaries = (await wholeSet()).filter(({ role }) => role === "master");
    expect(primaries, "primaries").to.have.lengthOf(1);
    return primaries[0]!.pod;
  };

  /** The address that a Sentinel gives to clients, as the pod that announces it. */
  const primaryAccordingTo = async (sentinel: string): Promise<string> => {
    const script =
      "REDISCLI_AUTH=$(cat /etc/sessiondb/accounts/monitor/password) redis-cli -p 26379 --user monitor --no-auth-warning sentinel get-master-addr-by-name sessiondb";
    const answer = await instance.kubectl([
      "exec",
      sentinel,
      "--namespace",
      NAMESPACE,
      "--container",
      "sentinel",
      "--",
      "sh",
      "-c",
      script,
    ]);
    const address = answer.split("\n")[0]!.trim();
    const services = await instance.get<{
      items: { metadata: { name: string }; spec: { clusterIP: string } }[];
    }>("services", "--namespace", NAMESPACE);
    return (
      services.items.find(({ spec }) => spec.clusterIP === address)?.metadata.name ?? `nobody (${address})`
    );
  };

  const formed = (): Promise<boolean> =>
    waitFor(
      async () => {
        const set = await wholeSet();
        const replicas = set.filter(({ role, linkUp }) => role === "slave" && linkUp).length;
        const primaries = set.filter(
          ({ role, replicas: attached }) => role === "master" && attached === 2,
        ).length;
        if (replicas === 2 && primaries === 1) return true;
        throw new Error(JSON.stringify(set));
      },
      { what: "one primary with two replicas in sync", timeoutSeconds: 120, intervalMs: 500 },
    );

  it("forms: one primary, two replicas in sync, and three Sentinels that agree on it", async () => {
    await formed();
    const pod = await primary();
    for (const sentinel of ["sentinel-0", "sentinel-1", "sentinel-2"]) {
      expect(await primaryAccordingTo(sentinel), sentinel).to.equal(pod);
    }
  });

  it("serves an application that finds the primary through the Sentinels", async () => {
    expect(await application.run("write", connection, SESSIONS)).to.deep.equal({ written: SESSIONS });
    expect(await application.run("read", connection, SESSIONS)).to.deep.equal({
      intact: SESSIONS,
      withTtl: SESSIONS,
    });
  });

  it("replicates every session", async () => {
    await waitFor(
      async () => {
        const counts = await Promise.all(
          REDIS_PODS.map(
            async (pod) =>
              (await adminCli(instance, { namespace: NAMESPACE, pod }, ["ZCARD expirations:session"]))[0],
          ),
        );
        return counts.every((count) => count === String(SESSIONS)) ? true : undefined;
      },
      { what: "every replica to hold every session", timeoutSeconds: 30 },
    );
  });

  it("refuses the same things as a standalone stack", async () => {
    const answers = await application.run<Record<string, string>>("refusals", connection);
    expect(answers.flushall).to.include("NOPERM");
    expect(answers.foreignKey).to.include("NOPERM");
    expect(answers.ownKey).to.equal('accepted: "OK"');
  });

  it("cleans up on the primary and backs up from a replica", async () => {
    const cleanup = await runCronJob(instance, NAMESPACE, "cleanup-sessions", "e2e");
    expect(cleanup.exitCode, JSON.stringify(cleanup.summary)).to.equal(0);
    const backup = await runCronJob(instance, NAMESPACE, "backup", "e2e");
    expect(backup.exitCode, JSON.stringify(backup.summary)).to.equal(0);
    expect(backup.summary).to.have.nested.property("source.role", "replica");
    const dump = await extractBackup(instance, NAMESPACE);
    await dump.remove();
  });

  it("changes nothing when it is brought up again", async () => {
    expect(Object.keys(changesOf(await instance.run("up", "staging")))).to.deep.equal(["same"]);
  });

  it("fails over when the primary's process is killed, keeps the sessions, and takes the old primary back as replica", async () => {
    const killed = await primary();
    await instance.kubectl([
      ...["exec", killed, "--namespace", NAMESPACE, "--container", "redis", "--", "sh", "-c"],
      // The supervisor is process 1; its child is the server.
      "read -r pid rest </proc/1/task/1/children; kill -9 $pid",
    ]);
    await waitFor(async () => ((await primaryAccordingTo("sentinel-0")) === killed ? undefined : true), {
      what: "the Sentinels to name another primary",
      timeoutSeconds: 60,
      intervalMs: 300,
    });
    await formed();
    expect(await primary()).not.to.equal(killed);
    expect(await application.run("read", connection, SESSIONS)).to.deep.equal({
      intact: SESSIONS,
      withTtl: SESSIONS,
    });
  });

  it("comes back with its data, and one primary, after all its pods were deleted at once", async () => {
    await instance.kubectl([
      "delete",
      "pods",
      "--namespace",
      NAMESPACE,
      "--selector",
      "app.kubernetes.io/component in (redis,sentinel)",
    ]);
    await formed();
    expect(await application.run("read", connection, SESSIONS)).to.deep.equal({
      intact: SESSIONS,
      withTtl: SESSIONS,
    });
  });

  it("leaves nothing when it is destroyed with its data", async () => {
    await instance.run("destroy", "staging", "--delete-data", "--yes");
    const namespaces = await instance.get<{ items: { metadata: { name: string } }[] }>("namespaces");
    expect(namespaces.items.map(({ metadata }) => metadata.name)).not.to.include(NAMESPACE);
  });
});
