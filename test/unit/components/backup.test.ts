import { expect } from "chai";
import { Backup } from "../../../components/backup.ts";
import { readBackupSettings } from "../../../workers/backup/options.ts";
import { testConfig } from "../../helpers/config.ts";
import { deployComponent } from "../../helpers/deployedComponents.ts";
import { at, type Deployment, type PlainObject } from "../../helpers/pulumi.ts";

const deployBackup = (values: Record<string, unknown> = {}): Promise<Deployment<Backup>> =>
  deployComponent(testConfig(values), (surroundings) => new Backup("sessiondb-backup", surroundings));

describe("Backup", () => {
  it("runs on its schedule, in its time zone, never twice at once", async () => {
    const { inputs } = (
      await deployBackup({ backup: { schedule: "30 3 * * *", timeZone: "Europe/Berlin" } })
    ).find("CronJob", "backup");
    expect(at(inputs, "spec", "schedule")).to.equal("30 3 * * *");
    expect(at(inputs, "spec", "timeZone")).to.equal("Europe/Berlin");
    expect(at(inputs, "spec", "concurrencyPolicy")).to.equal("Forbid");
  });

  it("writes to a volume that outlives the stack and is guarded with its data", async () => {
    const deployment = await deployBackup({
      backup: { storageSize: "40Gi", storageClass: "slow" },
      data: { protect: true },
    });
    const claim = deployment.find("PersistentVolumeClaim", "backup");
    expect(claim).to.include({ retainOnDelete: true, protect: true });
    expect(at(claim.inputs, "spec", "resources", "requests", "storage")).to.equal("40Gi");
    expect(at(claim.inputs, "spec", "storageClassName")).to.equal("slow");
    const volumes = at(
      deployment.find("CronJob", "backup").inputs,
      ...["spec", "jobTemplate", "spec", "template", "spec", "volumes"],
    ) as { name: string; persistentVolumeClaim?: { claimName: string } }[];
    expect(volumes.find(({ name }) => name === "backup")?.persistentVolumeClaim?.claimName).to.equal(
      "backup",
    );
  });

  it("tells the worker its settings in the words that it reads, and gives it longer than it gives itself", async () => {
    const { inputs } = (
      await deployBackup({ backup: { retentionDays: 9, keepAtLeast: 4, timeoutSeconds: 600 } })
    ).find("CronJob", "backup");
    const job = at(inputs, "spec", "jobTemplate", "spec");
    const { args, env } = at(job, "template", "spec", "containers", 0) as PlainObject & {
      args: string[];
      env: { name: string; value: string }[];
    };
    const environment = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    expect(readBackupSettings(args.slice(1), environment)).to.include({
      dryRun: false,
      bindingDirectory: "/etc/sessiondb/accounts/backup",
      directory: "/backup",
      retentionDays: 9,
      keepAtLeast: 4,
      timeoutSeconds: 600,
    });
    expect(at(job, "activeDeadlineSeconds")).to.be.greaterThan(600);
  });

  it("can be made without being started", async () => {
    const { inputs } = (await deployBackup({ backup: { suspend: true } })).find("CronJob", "backup");
    expect(at(inputs, "spec", "suspend")).to.equal(true);
  });
});
