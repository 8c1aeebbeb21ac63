import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { pino } from "pino";
import { Overrides } from "../../../workers/agent/overrides.ts";

describe("the operator's acceptance of data loss", () => {
  let directory: string;
  let lines: string[];
  let overrides: Overrides;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sessiondb-overrides-"));
    lines = [];
    overrides = new Overrides(
      directory,
      pino({ level: "warn" }, { write: (line: string) => void lines.push(line) }),
    );
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const file = (): string => join(directory, "accept-data-loss");

  it("is not given without the file, without the directory, or by a blank file", async () => {
    expect(await overrides.acceptDataLoss()).to.equal("");
    await writeFile(file(), " \n");
    expect(await overrides.acceptDataLoss()).to.equal("");
    await rm(directory, { recursive: true });
    expect(await overrides.acceptDataLoss()).to.equal("");
    expect(lines).to.deep.equal([]);
  });

  it("is the file's text, as it is now and not as it was", async () => {
    await writeFile(file(), "rack 4 burned\n");
    expect(await overrides.acceptDataLoss()).to.equal("rack 4 burned");
    await rm(file());
    expect(await overrides.acceptDataLoss()).to.equal("");
  });

  it("follows the links through which a mounted Secret is replaced", async () => {
    for (const [version, reason] of [
      ["..1", ""],
      ["..2", "rack 4 burned"],
    ] as const) {
      await mkdir(join(directory, version));
      await writeFile(join(directory, version, "accept-data-loss"), reason);
    }
    await symlink("..1", join(directory, "..data"));
    await symlink(join("..data", "accept-data-loss"), file());
    expect(await overrides.acceptDataLoss()).to.equal("");
    await rm(join(directory, "..data"));
    await symlink("..2", join(directory, "..data"));
    expect(await overrides.acceptDataLoss()).to.equal("rack 4 burned");
  });

  it("is not given by a file that cannot be read, which is logged once", async () => {
    await mkdir(file());
    expect(await overrides.acceptDataLoss()).to.equal("");
    expect(await overrides.acceptDataLoss()).to.equal("");
    expect(lines).to.have.length(1);
    expect(lines[0]).to.contain("cannot read").and.to.contain(file());
  });
});
