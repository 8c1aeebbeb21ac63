import { expect } from "chai";
import { renderUpSummary } from "../../../cli/commands/up.ts";

const OUTPUTS = {
  namespace: { value: "sessiondb-dev", secret: false },
  mode: { value: "standalone", secret: false },
  endpoints: { value: { readWrite: { host: "redis", port: 6379 } }, secret: false },
  secretNames: { value: { app: "account-app" }, secret: false },
  connections: { value: { app: "redis://app:hunter2@redis:6379/0" }, secret: true },
};

describe("the summary of up", () => {
  const text = renderUpSummary("dev", OUTPUTS, { create: 3 }, true).join("\n");

  it("tells what changed, where it is and how an application gets in", () => {
    expect(text)
      .to.include("stack dev: 3 create")
      .and.to.include("sessiondb/access=sessiondb-dev")
      .and.to.include("outputs dev --show-secrets");
  });

  it("never holds a connection string", () => {
    expect(text).not.to.include("hunter2");
  });

  it("names plain kubectl for a cluster of the operator's own", () => {
    expect(renderUpSummary("dev", OUTPUTS, {}, false).join("\n")).not.to.include("./sessiondb kubectl");
  });
});
