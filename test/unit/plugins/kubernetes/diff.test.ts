import { expect } from "chai";
import { diffObject } from "../../../../local/plugins/kubernetes/diff.ts";
import type { Mutability } from "../../../../local/plugins/kubernetes/immutablePaths.ts";
import { secret } from "../../../../local/plugins/rpc/envelopes.ts";
import type { JsonObject } from "../../../../local/plugins/rpc/json.ts";

const DEFAULTS: Mutability = { secretsMutable: false, configMapsMutable: false };
const MUTABLE: Mutability = { secretsMutable: true, configMapsMutable: true };

/** Paths of a diff, those that force a replacement with an exclamation mark. */
function changed(olds: JsonObject, news: JsonObject, mutability: Mutability = DEFAULTS): string[] {
  return [...diffObject(olds, news, mutability).changes].map(([path, { replace }]) =>
    replace ? `${path}!` : path,
  );
}

/** One changed field of an object of some kind. */
function fieldChange(apiVersion: string, kind: string, before: JsonObject, after: JsonObject): string[] {
  const base = { apiVersion, kind, metadata: { name: "x", namespace: "n" } };
  return changed({ ...base, ...before }, { ...base, ...after });
}

describe("the kubernetes stand-in's diff", () => {
  it("finds nothing in equal inputs, wrapped as secrets or not", () => {
    const olds = { kind: "Secret", apiVersion: "v1", data: secret({ a: "1" }), __defaults: [] };
    expect(changed(olds, { kind: "Secret", apiVersion: "v1", data: { a: "1" } })).to.deep.equal([]);
  });

  const immutable: readonly [string, string, JsonObject, JsonObject, string][] = [
    [
      "apps/v1",
      "StatefulSet",
      { spec: { serviceName: "a" } },
      { spec: { serviceName: "b" } },
      "spec.serviceName!",
    ],
    [
      "apps/v1",
      "StatefulSet",
      { spec: { volumeClaimTemplates: [{ spec: { size: 1 } }] } },
      { spec: { volumeClaimTemplates: [{ spec: { size: 2 } }] } },
      "spec.volumeClaimTemplates[0].spec.size!",
    ],
    ["apps/v1", "StatefulSet", { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, "spec.replicas"],
    [
      "apps/v1",
      "Deployment",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      { spec: { selector: { matchLabels: { a: "2" } } } },
      "spec.selector.matchLabels.a!",
    ],
    ["v1", "Service", { spec: { clusterIP: "None" } }, { spec: {} }, "spec.clusterIP!"],
    ["v1", "Service", { spec: { type: "ClusterIP" } }, { spec: { type: "NodePort" } }, "spec.type"],
    [
      "v1",
      "PersistentVolumeClaim",
      { spec: { storageClassName: "a" } },
      { spec: { storageClassName: "b" } },
      "spec.storageClassName!",
    ],
    [
      "v1",
      "PersistentVolumeClaim",
      { spec: { resources: { requests: { storage: "1Gi" } } } },
      { spec: { resources: { requests: { storage: "2Gi" } } } },
      "spec.resources.requests.storage",
    ],
    [
      "batch/v1",
      "Job",
      { spec: { template: { a: 1 } } },
      { spec: { template: { a: 2 } } },
      "spec.template.a!",
    ],
    ["batch/v1", "CronJob", { spec: { schedule: "a" } }, { spec: { schedule: "b" } }, "spec.schedule"],
    [
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      { roleRef: { name: "a" } },
      { roleRef: { name: "b" } },
      "roleRef.name!",
    ],
    ["storage.k8s.io/v1", "StorageClass", { provisioner: "a" }, { provisioner: "b" }, "provisioner!"],
    [
      "v1",
      "Pod",
      { spec: { containers: [{ image: "a" }] } },
      { spec: { containers: [{ image: "b" }] } },
      "spec.containers[0].image",
    ],
    ["v1", "Pod", { spec: { nodeName: "a" } }, { spec: { nodeName: "b" } }, "spec.nodeName!"],
  ];
  for (const [apiVersion, kind, before, after, path] of immutable) {
    it(`${path.endsWith("!") ? "replaces" : "updates"} a ${kind} when ${path.replace("!", "")} changes`, () => {
      expect(fieldChange(apiVersion, kind, before, after)).to.deep.equal([path]);
    });
  }

  it("does not confuse a field with another one that starts the same", () => {
    expect(
      fieldChange("apps/v1", "Deployment", { spec: { selectorX: 1 } }, { spec: { selectorX: 2 } }),
    ).to.deep.equal(["spec.selectorX"]);
  });

  it("replaces a ConfigMap or Secret whose data changed, unless the provider says otherwise", () => {
    for (const kind of ["ConfigMap", "Secret"]) {
      const [olds, news] = [1, 2].map((value) => ({ apiVersion: "v1", kind, data: { a: String(value) } }));
      expect(changed(olds ?? {}, news ?? {}), kind).to.deep.equal(["data.a!"]);
      expect(changed(olds ?? {}, news ?? {}, MUTABLE), kind).to.deep.equal(["data.a"]);
    }
  });

  it("replaces what was declared immutable, whatever the provider says", () => {
    const olds = { apiVersion: "v1", kind: "Secret", immutable: true, data: { a: "1" } };
    expect(changed(olds, { ...olds, data: { a: "2" } }, MUTABLE)).to.deep.equal(["data.a!"]);
    expect(changed(olds, { ...olds, immutable: false }, MUTABLE)).to.deep.equal(["immutable!"]);
    expect(changed({ ...olds, immutable: false }, olds, MUTABLE)).to.deep.equal(["immutable"]);
  });

  it("replaces a Secret whose type changed", () => {
    const olds = { apiVersion: "v1", kind: "Secret", type: "a" };
    expect(changed(olds, { ...olds, type: "b" }, MUTABLE)).to.deep.equal(["type!"]);
  });

  it("replaces on another name, namespace or group, and updates on another version of the group", () => {
    const olds = { apiVersion: "a/v1", kind: "K", metadata: { name: "x", namespace: "n" } };
    expect(changed(olds, { ...olds, metadata: { name: "y", namespace: "n" } })).to.deep.equal([
      "metadata.name!",
    ]);
    expect(changed(olds, { ...olds, metadata: { name: "x", namespace: "m" } })).to.deep.equal([
      "metadata.namespace!",
    ]);
    expect(changed(olds, { ...olds, apiVersion: "b/v1" })).to.deep.equal(["apiVersion!"]);
    expect(changed(olds, { ...olds, apiVersion: "a/v2" })).to.deep.equal(["apiVersion"]);
  });

  it("deletes before it replaces only where both would bear one explicit name", () => {
    const olds = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "x", namespace: "n" },
      data: { a: "1" },
    };
    const deletesFirst = (news: JsonObject) => diffObject(olds, news, DEFAULTS).deleteBeforeReplace;
    expect(deletesFirst({ ...olds, data: { a: "2" } })).to.equal(true);
    expect(deletesFirst({ ...olds, metadata: { name: "y", namespace: "n" } })).to.equal(false);
    expect(deletesFirst({ ...olds, other: 1 })).to.equal(false);
    const autonamed = { ...olds.metadata, annotations: { "pulumi.com/autonamed": "true" } };
    expect(deletesFirst({ ...olds, metadata: autonamed, data: { a: "2" } })).to.equal(false);
  });
});
