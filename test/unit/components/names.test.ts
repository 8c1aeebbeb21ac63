import { expect } from "chai";
import { componentLabels, componentSelector, stackLabels } from "../../../components/labels.ts";
import {
  accountSecretName,
  claimName,
  NAMES,
  ordinals,
  podName,
  serviceHost,
} from "../../../components/names.ts";

describe("names", () => {
  it("of claims are what a StatefulSet with a template called data looks for", () => {
    expect(claimName(NAMES.redis, 2)).to.equal("data-redis-2");
    expect(claimName(NAMES.sentinel, 0)).to.equal("data-sentinel-0");
  });

  it("of pods, and of the Services in front of each, end in the ordinal", () => {
    expect(ordinals(3).map((ordinal) => podName(NAMES.redis, ordinal))).to.deep.equal([
      "redis-0",
      "redis-1",
      "redis-2",
    ]);
  });

  it("of Services resolve from every namespace", () => {
    expect(serviceHost("redis", "sessiondb-dev")).to.equal("redis.sessiondb-dev.svc.cluster.local");
  });

  it("of account Secrets begin with account-", () => {
    expect(accountSecretName("app")).to.equal("account-app");
  });

  it("are all valid DNS labels", () => {
    for (const name of Object.values(NAMES)) expect(name).to.match(/^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$/);
  });
});

describe("labels", () => {
  it("tell stacks and components apart", () => {
    expect(componentLabels("sessiondb-dev", "redis")).to.deep.equal({
      "app.kubernetes.io/name": "sessiondb",
      "app.kubernetes.io/instance": "sessiondb-dev",
      "app.kubernetes.io/part-of": "sessiondb",
      "app.kubernetes.io/managed-by": "pulumi",
      "app.kubernetes.io/component": "redis",
    });
    expect(stackLabels("sessiondb-dev")).not.to.have.property("app.kubernetes.io/component");
  });

  it("used for selecting are some of the ones that pods carry", () => {
    const labels = componentLabels("sessiondb-dev", "cache");
    expect(labels).to.include(componentSelector("sessiondb-dev", "cache"));
  });
});
