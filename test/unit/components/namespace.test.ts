import { expect } from "chai";
import { Namespace, type NamespaceArgs } from "../../../components/namespace.ts";
import { at, deploy, resolve, type Deployment } from "../../helpers/pulumi.ts";

const deployNamespace = (args: Partial<NamespaceArgs> = {}): Promise<Deployment<Namespace>> =>
  deploy(() => new Namespace("sessiondb-namespace", { name: "sessiondb-test", ...args }));

describe("Namespace", () => {
  it("has Kubernetes enforce, audit and warn about Pod Security restricted", async () => {
    const { inputs } = (await deployNamespace()).find("Namespace", "sessiondb-test");
    for (const mode of ["enforce", "audit", "warn"]) {
      expect(at(inputs, "metadata", "labels", `pod-security.kubernetes.io/${mode}`), mode).to.equal(
        "restricted",
      );
    }
  });

  it("stays in the cluster when the stack goes, because it holds the volumes", async () => {
    const found = (await deployNamespace()).find("Namespace", "sessiondb-test");
    expect(found).to.include({ retainOnDelete: true, protect: false });
  });

  it("is deleted with the stack, or guarded against that, where the caller says so", async () => {
    const gone = (await deployNamespace({ retainOnDelete: false })).find("Namespace", "sessiondb-test");
    expect(gone.retainOnDelete).to.equal(false);
    const guarded = (await deployNamespace({ protect: true })).find("Namespace", "sessiondb-test");
    expect(guarded.protect).to.equal(true);
  });

  it("gives out the name of the object that it made", async () => {
    expect(await resolve((await deployNamespace()).result.namespaceName)).to.equal("sessiondb-test");
  });
});
