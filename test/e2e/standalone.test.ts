import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { waitFor } from "../../local/support/waitFor.ts";
import { startRedis } from "../helpers/redis.ts";
import { adminCli } from "./support/admin.ts";
import { createApplication, type Application } from "./support/application.ts";
import { extractBackup } from "./support/backups.ts";
import { changesOf, createInstance, type Instance } from "./support/instance.ts";
import { runCronJob } from "./support/jobs.ts";

const NAMESPACE = "sessiondb-dev";
const SESSIONS = 100_000;

interface Outputs {
  readonly namespace: string;
  readonly secretNames: Record<string, string>;
  readonly connections: { readonly app: { readonly url: string } };
}

function projectFiles(): Promise<string[]> {
  return Promise.all(["Pulumi.yaml", "Pulumi.dev.yaml"].map((file) => readFile(file, "utf8")));
}

describe("a standalone stack on a real cluster", () => {
  let instance: Instance;
  let application: Application;
  let outputs: Outputs;
  let filesBefore: string[];

  before("up dev", async () => {
    filesBefore = await projectFiles();
    instance = await createInstance("e2e-dev");
    await instance.run("up", "dev");
    outputs = JSON.parse((await instance.run("outputs", "dev", "--show-secrets")).stdout) as Outputs;
    const job = await instance.get<{
      spec: { jobTemplate: { spec: { template: { spec: { containers: { image: string }[] } } } } };
    }>("cronjob", "backup", "--namespace", NAMESPACE);
    application = await createApplication(instance, {
      namespace: "shop",
      databaseNamespace: NAMESPACE,
      image: job.spec.jobTemplate.spec.template.spec.containers[0]!.image,
    });
  });

  after("remove the instance", () => instance.remove());

  const redis = (...commands: string[]): Promise<string[]> =>
    adminCli(instance, { namespace: NAMESPACE, pod: "redis-0" }, commands);

  it("keeps connection strings out of its outputs unless they are asked for", async () => {
    const hidden = JSON.parse((await instance.run("outputs", "dev")).stdout) as Record<string, unknown>;
    expect(hidden.connections).to.equal("[secret]");
    expect(hidden.namespace).to.equal(NAMESPACE);
  });

  it("takes 100 000 sessions from an application and gives every one back", async () => {
    const connection = { url: outputs.connections.app.url };
    expect(await application.run("write", connection, SESSIONS)).to.deep.equal({ written: SESSIONS });
    expect(await application.run("read", connection, SESSIONS)).to.deep.equal({
      intact: SESSIONS,
      withTtl: SESSIONS,
    });
  });

  it("refuses wrong passwords, wrong accounts, forbidden commands and foreign keys", async () => {
    const answers = await application.run<Record<string, string>>("refusals", {
      url: outputs.connections.app.url,
    });
    expect(answers.wrongPassword).to.include("WRONGPASS");
    expect(answers.wrongAccount).to.include("WRONGPASS");
    for (const name of ["flushall", "keys", "eval", "config", "foreignKey", "foreignRead"]) {
      expect(answers[name], name).to.include("NOPERM");
    }
    expect(answers.ownKey).to.equal('accepted: "OK"');
  });

  it("removes what is expired and orphaned, and nothing else, when cleanup is started from its CronJob", async () => {
    const past = Date.now() - 60_000;
    await redis(
      `HSET session:forgotten data x user ghost absolute ${past}`,
      `ZADD expirations:session ${past} forgotten`,
      `ZADD user_sessions:ghost ${past} forgotten ${past} never-there`,
      "RPUSH rq:queue:default job-1",
    );
    const run = await runCronJob(instance, NAMESPACE, "cleanup-sessions", "e2e");
    expect(run.exitCode, JSON.stringify(run.summary)).to.equal(0);
    const seen = await redis(
      "EXISTS session:forgotten user_sessions:ghost",
      "EXISTS rq:queue:default",
      "ZCARD expirations:session",
    );
    expect(seen.slice(0, 3)).to.deep.equal(["0", "1", String(SESSIONS)]);
    await redis("DEL rq:queue:default");
  });

  it("writes a backup that loads into an empty Redis with equal counts", async () => {
    const run = await runCronJob(instance, NAMESPACE, "backup", "e2e");
    expect(run.exitCode, JSON.stringify(run.summary)).to.equal(0);
    const [keys] = await redis("DBSIZE");
    const dump = await extractBackup(instance, NAMESPACE);
    const scratch = await startRedis({ dataDir: dump.directory });
    try {
      expect(String(await scratch.client().dbsize())).to.equal(keys);
      expect(await scratch.client().zcard("expirations:session")).to.equal(SESSIONS);
    } finally {
      await scratch.stop();
      await dump.remove();
    }
  });

  it("still has the data after its pod was deleted", async () => {
    const before = await instance.get<{ metadata: { uid: string } }>(
      "pod",
      "redis-0",
      "--namespace",
      NAMESPACE,
    );
    await instance.kubectl(["delete", "pod", "redis-0", "--namespace", NAMESPACE]);
    await waitFor(
      async () => {
        const pod = await instance.get<{
          metadata: { uid: string };
          status: { conditions?: { type: string; status: string }[] };
        }>("pod", "redis-0", "--namespace", NAMESPACE);
        const ready = pod.status.conditions?.some(
          (condition) => condition.type === "Ready" && condition.status === "True",
        );
        return pod.metadata.uid !== before.metadata.uid && ready === true ? true : undefined;
      },
      { what: "the new pod to be ready", timeoutSeconds: 120, intervalMs: 500 },
    );
    const connection = { url: outputs.connections.app.url };
    expect(await application.run("read", connection, SESSIONS)).to.deep.equal({
      intact: SESSIONS,
      withTtl: SESSIONS,
    });
  });

  it("changes nothing when it is brought up again, and leaves the checkout as it was", async () => {
    const again = changesOf(await instance.run("up", "dev"));
    expect(Object.keys(again)).to.deep.equal(["same"]);
    expect(await projectFiles()).to.deep.equal(filesBefore);
  });

  it("updates a changed memory limit in place", async () => {
    const file = await instance.stackFile("dev", { "sessiondb:redis": { memoryLimit: "640Mi" } });
    const changes = changesOf(await instance.run("up", "dev", "--config-file", file));
    expect(changes.update, JSON.stringify(changes)).to.be.greaterThan(0);
    const set = await instance.get<{
      spec: {
        template: { spec: { containers: { name: string; resources: { limits: { memory: string } } }[] } };
      };
    }>("statefulset", "redis", "--namespace", NAMESPACE);
    const container = set.spec.template.spec.containers.find(({ name }) => name === "redis");
    expect(container?.resources.limits.memory).to.equal("640Mi");
    const connection = { url: outputs.connections.app.url };
    expect(await application.run("read", connection, SESSIONS)).to.deep.equal({
      intact: SESSIONS,
      withTtl: SESSIONS,
    });
  });

  it("refuses a bad configuration before it changes anything", async () => {
    const file = await instance.stackFile("dev", {
      "sessiondb:mode": "cluster",
      "sessiondb:redis": { memoryLimit: "a lot" },
    });
    const refused = await instance.tryRun("preview", "dev", "--config-file", file);
    expect(refused.exitCode).to.equal(1);
    expect(refused.stderr).to.include("sessiondb:mode").and.to.include("sessiondb:redis.memoryLimit");
  });

  it("asks for confirmation before it destroys", async () => {
    const refused = await instance.tryRun("destroy", "dev");
    expect(refused.exitCode).to.equal(2);
    expect(refused.stderr).to.include("--yes");
  });

  it("keeps volumes, backups and the namespace when it is destroyed, and takes them over again", async () => {
    await instance.run("destroy", "dev", "--yes");
    const kinds = "statefulset,service,secret,cronjob,pod,networkpolicy,configmap,serviceaccount";
    const left = await instance.get<{ items: { kind: string; metadata: { name: string } }[] }>(
      kinds,
      "--namespace",
      NAMESPACE,
    );
    // Kubernetes itself gives every namespace these two.
    const ours = left.items.filter(
      ({ metadata }) => metadata.name !== "kube-root-ca.crt" && metadata.name !== "default",
    );
    expect(ours.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).to.deep.equal([]);
    const claims = await instance.get<{ items: { metadata: { name: string } }[] }>(
      "pvc",
      "--namespace",
      NAMESPACE,
    );
    expect(claims.items.map(({ metadata }) => metadata.name).sort()).to.deep.equal([
      "backup",
      "data-redis-0",
    ]);
    await instance.run("up", "dev");
    expect((await redis("ZCARD expirations:session"))[0]).to.equal(String(SESSIONS));
  });

  it("leaves nothing when it is destroyed with its data", async () => {
    await instance.run("destroy", "dev", "--delete-data", "--yes");
    const namespaces = await instance.get<{ items: { metadata: { name: string } }[] }>("namespaces");
    expect(namespaces.items.map(({ metadata }) => metadata.name)).not.to.include(NAMESPACE);
    await waitFor(
      async () => {
        const volumes = await instance.get<{ items: unknown[] }>("pv");
        return volumes.items.length === 0 ? true : undefined;
      },
      { what: "the volumes to be removed", timeoutSeconds: 60, intervalMs: 500 },
    );
  });
});
