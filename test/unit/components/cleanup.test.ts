import { expect } from "chai";
import { Cleanup } from "../../../components/cleanup.ts";
import { readCleanupSettings } from "../../../workers/cleanup/options.ts";
import { testConfig } from "../../helpers/config.ts";
import { deployComponent, WORKER_IMAGE } from "../../helpers/deployedComponents.ts";
import { at, type Deployment, type Plain, type PlainObject } from "../../helpers/pulumi.ts";

const deployCleanup = (values: Record<string, unknown> = {}): Promise<Deployment<Cleanup>> =>
  deployComponent(testConfig(values), (surroundings) => new Cleanup("sessiondb-cleanup", surroundings));

function container(job: { readonly inputs: PlainObject }): PlainObject {
  return at(job.inputs, "spec", "jobTemplate", "spec", "template", "spec", "containers", 0) as PlainObject;
}

function settingsOf(job: { readonly inputs: PlainObject }): ReturnType<typeof readCleanupSettings> {
  const { args, env } = container(job) as { args: string[]; env: { name: string; value: string }[] };
  const environment = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  return readCleanupSettings(args.slice(1), environment);
}

describe("Cleanup", () => {
  it("runs for sessions every 5 minutes and for the cache every 10", async () => {
    const deployment = await deployCleanup();
    const schedule = (name: string): Plain => at(deployment.find("CronJob", name).inputs, "spec", "schedule");
    expect(schedule("cleanup-sessions")).to.equal("*/5 * * * *");
    expect(schedule("cleanup-cache")).to.equal("*/10 * * * *");
  });

  it("never has two runs at once, retries none, and ends a run that hangs", async () => {
    const deployment = await deployCleanup({ cleanup: { maxSeconds: 100 } });
    for (const name of ["cleanup-sessions", "cleanup-cache"]) {
      const { inputs } = deployment.find("CronJob", name);
      expect(at(inputs, "spec", "concurrencyPolicy")).to.equal("Forbid");
      const job = at(inputs, "spec", "jobTemplate", "spec");
      expect(at(job, "backoffLimit")).to.equal(0);
      expect(at(job, "activeDeadlineSeconds")).to.be.greaterThan(100);
      expect(at(job, "ttlSecondsAfterFinished")).to.be.greaterThan(0);
      expect(at(job, "template", "spec", "restartPolicy")).to.equal("Never");
    }
  });

  it("tells the worker its settings in the words that it reads", async () => {
    const deployment = await deployCleanup({
      cleanup: { batchSize: 77, scanCount: 333, maxSeconds: 44 },
      cache: { maxEntriesPerService: 1234, defaultTtlSeconds: 555 },
      logLevel: "warn",
    });
    expect(settingsOf(deployment.find("CronJob", "cleanup-sessions"))).to.include({
      scope: "sessions",
      dryRun: false,
      batchSize: 77,
      scanCount: 333,
      maxSeconds: 44,
      bindingDirectory: "/etc/sessiondb/accounts/cleanup",
      logLevel: "warn",
    });
    expect(settingsOf(deployment.find("CronJob", "cleanup-cache"))).to.include({
      scope: "cache",
      cacheMaxEntriesPerService: 1234,
      cacheDefaultTtlSeconds: 555,
    });
  });

  it("runs the worker image with the account's Secret mounted where the worker looks", async () => {
    const spec = container((await deployCleanup()).find("CronJob", "cleanup-sessions"));
    expect(spec.image).to.equal(WORKER_IMAGE);
    expect((spec.volumeMounts as { mountPath: string }[]).map(({ mountPath }) => mountPath)).to.include(
      "/etc/sessiondb/accounts/cleanup",
    );
  });

  it("labels its pods as cleanup, which the network policies go by", async () => {
    const { inputs } = (await deployCleanup()).find("CronJob", "cleanup-cache");
    const labels = at(inputs, "spec", "jobTemplate", "spec", "template", "metadata", "labels");
    expect(at(labels, "app.kubernetes.io/component")).to.equal("cleanup");
  });

  it("can be made without being started", async () => {
    const { inputs } = (await deployCleanup({ cleanup: { suspend: true } })).find(
      "CronJob",
      "cleanup-sessions",
    );
    expect(at(inputs, "spec", "suspend")).to.equal(true);
  });
});
