import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { refusal } from "./support.ts";

describe("The report on a refused configuration", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("names key, value, allowed range and the command that helps", () => {
    const error = refusal({ redis: { memoryLimit: "12 elephants" } });
    expect(error.message).to.equal(
      [
        'The configuration of stack "test" has 1 problem; nothing was changed.',
        "",
        "1. sessiondb:redis.memoryLimit",
        '   given:   "12 elephants"',
        "   allowed: a size from 128Mi to 1Ti, such as 512Mi",
        "   fix:     pulumi config set --path 'sessiondb:redis.memoryLimit' 512Mi",
        "",
      ].join("\n"),
    );
    expect(error).to.include({ name: "ConfigError", code: "SESSIONDB_CONFIG" });
  });

  it("holds every problem at once, of single values and between values", () => {
    const { problems } = refusal({
      mode: "sentinel",
      nonsense: 1,
      redis: { databases: 99, memoryLimit: "x" },
      sentinel: { count: 4, quorum: 3 },
      persistence: { savePoints: [{ seconds: 0, changes: 1 }] },
    });
    expect(problems.map(({ key }) => key)).to.have.members([
      "sessiondb:nonsense",
      "sessiondb:redis.databases",
      "sessiondb:redis.memoryLimit",
      "sessiondb:sentinel.count",
      "sessiondb:persistence.savePoints[0].seconds",
    ]);
  });

  it("applies no rule to values that are wrong by themselves", () => {
    const { problems } = refusal({ mode: "sentinel", sentinel: { count: "many", quorum: 7 } });
    expect(problems.map(({ key }) => key)).to.deep.equal(["sessiondb:sentinel.count"]);
  });

  it("suggests the key that was probably meant", () => {
    const { message } = refusal({ nmespace: "x", redis: { memroyLimit: "1Gi", quorum: 2, zzz: 1 } });
    expect(message).to.contain("did you mean sessiondb:namespace?");
    expect(message).to.contain("did you mean sessiondb:redis.memoryLimit?");
    expect(message).to.contain("did you mean sessiondb:sentinel.quorum?");
    expect(message).to.contain("no such key; known are: replicas, cpuRequest");
    expect(message).to.contain("pulumi config rm --path 'sessiondb:redis.memroyLimit'");
  });

  it("shows no value under an unknown key, which may be a password", () => {
    expect(refusal({ redis: { password: "hunter2" } }).message).to.not.contain("hunter2");
  });

  it("shows no value that was stored encrypted", () => {
    const error = refusal(
      { redis: { memoryLimit: "hunter2" }, sentinel: { count: "4", quorum: 3 }, mode: "sentinel" },
      ["redis", "sentinel"],
    );
    expect(error.problems).to.have.length(2);
    expect(error.problems.every(({ given }) => given === undefined)).to.equal(true);
    expect(error.message).to.not.contain("hunter2");
  });

  it("hides the credentials in an address", () => {
    const { message } = refusal({ images: { redis: "https://bob:hunter2@registry.internal/redis" } });
    expect(message).to.contain("https://***@registry.internal").and.not.contain("hunter2");
  });

  it("says which accounts there are where one is named that is none", () => {
    const { problems } = refusal({ credentials: { existingSecrets: { ap: "team-a-redis" } } });
    expect(problems).to.have.length(1);
    expect(problems[0]!.key).to.equal("sessiondb:credentials.existingSecrets.ap");
    expect(problems[0]!.allowed).to.contain("with keys out of: admin, replication, sentinel, app");
  });

  it("cuts a long value", () => {
    expect(refusal({ namespace: "x".repeat(500) }).problems[0]!.given).to.have.length.below(130);
  });

  it("writes a negative value so that the command line does not take it for a flag", () => {
    const { message } = refusal({ redis: { encodings: { listMaxListpackSize: "big" } } });
    expect(message).to.contain(
      "pulumi config set --path 'sessiondb:redis.encodings.listMaxListpackSize' -- -2",
    );
  });

  it("points at the file for what one command cannot set", () => {
    expect(refusal({ images: { pullSecrets: "abc" } }).message).to.contain(
      "edit sessiondb:images.pullSecrets",
    );
    expect(refusal({ redis: "[broken" }).message)
      .to.contain("sessiondb:redis")
      .and.contain("an object");
  });
});
