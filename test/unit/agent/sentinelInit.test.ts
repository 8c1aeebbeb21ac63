import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { pino } from "pino";
import { prepareSentinel } from "../../../workers/agent/sentinelInit.ts";
import { topology } from "./worlds.ts";

const WARN = 40;

describe("the start of a Sentinel that has a file", () => {
  let directory: string;
  let logged: { level: number; forgotten?: string[] }[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sessiondb-sentinel-"));
    logged = [];
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function refresh(lines: readonly string[]): Promise<string> {
    const path = join(directory, "sentinel.conf");
    await writeFile(path, lines.join("\n"));
    const file = {
      ...{
        masterName: "sessiondb",
        quorum: 2,
        members: topology,
        announce: { host: "10.0.0.11", port: 26379 },
      },
      ...{ directory, aclFile: "/etc/users.acl", settings: "", auth: "" },
    };
    const write = (line: string): void => void logged.push(JSON.parse(line) as (typeof logged)[number]);
    const args = { topology, file, timeoutSeconds: 1, logger: pino({}, { write }) };
    const never = (): never => {
      throw new Error("a Sentinel that has a file asks nobody");
    };
    await prepareSentinel({ ...args, observe: never, onWait: never }, new AbortController().signal);
    return readFile(path, "utf8");
  }

  it("names in the log whom it forgets", async () => {
    const ghost = "sentinel known-sentinel sessiondb 10.0.0.14 26379 cd";
    const text = await refresh(["sentinel monitor sessiondb 10.0.0.1 6379 3", ghost]);
    expect(text).to.not.contain(ghost);
    expect(logged.map(({ level, forgotten }) => ({ level, forgotten }))).to.deep.equal([
      { level: 30, forgotten: [ghost] },
    ]);
  });

  it("warns about a monitored address that is not expected, and keeps it", async () => {
    const text = await refresh(["sentinel monitor sessiondb 10.0.0.9 6379 3"]);
    expect(text).to.contain("sentinel monitor sessiondb 10.0.0.9 6379 2");
    expect(logged.filter(({ level }) => level >= WARN)).to.have.length(1);
  });
});
