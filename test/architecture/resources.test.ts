import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { at, deploy, reveal, type Deployment, type PlainObject } from "../helpers/pulumi.ts";
import {
  allDependencies,
  foreignTokens,
  leaks,
  misnamed,
  openSecrets,
  outsideNamespace,
  passwordsOf,
  unlabelled,
  unparented,
  unregistered,
} from "../helpers/resourceRules.ts";
import { deployStack, STACKS } from "../helpers/stacks.ts";

const PASSWORD = "correct-horse-battery-staple";

/** A component that breaks every rule at once. */
class Careless extends pulumi.ComponentResource {
  constructor(name: string, password: pulumi.Input<string>) {
    super("acme:index:Careless", name, { password });
    new k8s.core.v1.ConfigMap("unrelated-name", { data: { key: "value" } }, { parent: this });
    new k8s.core.v1.Secret(
      `${name}-secret`,
      { metadata: { namespace: "elsewhere", labels: {} }, stringData: { password, user: "app" } },
      { parent: this },
    );
    new k8s.apps.v1.Deployment(
      `${name}-pods`,
      {
        spec: {
          selector: { matchLabels: {} },
          template: {
            metadata: {},
            spec: { containers: [{ name: "c", env: [{ name: "P", value: password }] }] },
          },
        },
      },
      { parent: this },
    );
  }
}

describe("every resource of a committed stack", () => {
  for (const stack of STACKS) {
    describe(stack, () => {
      it("belongs to a component, except the root and providers", async () => {
        expect(unparented((await deployStack(stack)).resources)).to.deep.equal([]);
      });

      it("has a name that begins with its parent's", async () => {
        expect(misnamed((await deployStack(stack)).resources)).to.deep.equal([]);
      });

      it("has a type of ours if it is a component, and registers outputs", async () => {
        const { resources } = await deployStack(stack);
        expect([...foreignTokens(resources), ...unregistered(resources)]).to.deep.equal([]);
      });

      it("is in the stack's namespace", async () => {
        expect(outsideNamespace((await deployStack(stack)).resources, `sessiondb-${stack}`)).to.deep.equal(
          [],
        );
      });

      it("carries the common labels, also in pod templates", async () => {
        expect(unlabelled((await deployStack(stack)).resources)).to.deep.equal([]);
      });

      it("keeps secrets in envelopes: payloads, inputs, arguments and outputs of components", async () => {
        const { resources } = await deployStack(stack);
        const passwords = passwordsOf(resources);
        expect(passwords).to.have.length.greaterThan(5);
        expect([...openSecrets(resources), ...leaks(resources, passwords)]).to.deep.equal([]);
      });

      it("uses the explicit cluster provider if it is a Kubernetes object", async () => {
        const { resources } = await deployStack(stack);
        const foreign = resources.filter(
          ({ type, provider }) =>
            type.startsWith("kubernetes:") && !provider.includes("::sessiondb-cluster::"),
        );
        expect(foreign.map(({ name }) => name)).to.deep.equal([]);
      });

      it("exists after the namespace if it is in it", async () => {
        const { resources } = await deployStack(stack);
        const namespace = resources.find(({ type }) => type === "kubernetes:core/v1:Namespace");
        const early = resources.filter(
          (one) =>
            at(one.inputs, "metadata", "namespace") !== undefined &&
            !allDependencies(one, resources).has(namespace!.urn),
        );
        expect(early.map(({ name }) => name)).to.deep.equal([]);
      });
    });
  }
});

describe("the rules about resources, on a component that breaks them", () => {
  let bad: Deployment<unknown>;

  before(async () => {
    bad = await deploy(() => new Careless("careless", PASSWORD));
  });

  it("see a component without a parent", () => {
    expect(unparented(bad.resources)).to.deep.equal([
      "acme:index:Careless careless has no component as its parent",
    ]);
  });

  it("see a child whose name has nothing to do with its parent's", () => {
    expect(misnamed(bad.resources)).to.deep.equal([
      "kubernetes:core/v1:ConfigMap unrelated-name should be named careless-…, after its parent",
    ]);
  });

  it("see a foreign type", () => {
    expect(foreignTokens(bad.resources)).to.have.lengthOf(1);
  });

  it("see a component that never registered outputs", () => {
    const silent = bad.resources.map((resource) => ({ ...resource, outputs: undefined }));
    expect(unregistered(silent)).to.deep.equal(["acme:index:Careless careless never called registerOutputs"]);
  });

  it("see objects in other namespaces or in none", () => {
    expect(outsideNamespace(bad.resources, "sessiondb-test")).to.have.lengthOf(3);
  });

  it("see missing labels on objects and on their pods", () => {
    const found = unlabelled(bad.resources).join("\n");
    expect(found).to.include("careless-secret lacks the label app.kubernetes.io/instance");
    expect(found).to.include("the pods of kubernetes:apps/v1:Deployment careless-pods lack the label");
  });

  it("see a password in the clear wherever it is, and a payload without its envelope", () => {
    // The SDK puts a Secret's payload into an envelope by itself; another one might not.
    const open = bad.find("Secret", "careless-secret");
    const shown = { ...open, inputs: reveal(open.inputs) as PlainObject };
    expect(openSecrets([open])).to.deep.equal([]);
    expect(openSecrets([shown])).to.deep.equal([
      "kubernetes:core/v1:Secret careless-secret has plain stringData",
    ]);
    expect(leaks([shown], [PASSWORD])).to.have.lengthOf(1);
    expect(leaks(bad.resources, [PASSWORD])).to.have.lengthOf(2);
  });

  it("accept the same password in envelopes", async () => {
    const { resources } = await deploy(() => new Careless("careless", pulumi.secret(PASSWORD)));
    expect(leaks(resources, [PASSWORD])).to.deep.equal([]);
  });
});
