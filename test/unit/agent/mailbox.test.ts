import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Mailbox } from "../../../workers/agent/mailbox.ts";

describe("the mailbox between supervisor and agent", () => {
  let directory: string;
  let mailbox: Mailbox;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sessiondb-mailbox-"));
    mailbox = new Mailbox(directory);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("has no request before the supervisor's first", async () => {
    expect(await mailbox.request()).to.equal(null);
    await writeFile(join(directory, "start-request"), "id-1\n");
    expect(await mailbox.request()).to.equal("id-1");
  });

  it("answers a request once, replacing the refusal and leaving no temporary file", async () => {
    await mailbox.refuse("cannot yet");
    expect(await mailbox.answerTo("id-1")).to.equal(null);
    await mailbox.answer("id-1", { kind: "primary", reason: "" }, { host: "10.0.0.1", port: 6379 });
    expect(await mailbox.answerTo("id-1")).to.equal("primary");
    expect(await mailbox.answerTo("id-2")).to.equal(null);
    expect(await readdir(directory)).to.deep.equal(["role.conf"]);
    expect(await readFile(join(directory, "role.conf"), "utf8")).to.match(/^# request id-1\n/);
  });
});
