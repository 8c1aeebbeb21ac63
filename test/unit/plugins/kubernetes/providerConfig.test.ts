import { expect } from "chai";
import { isKubeconfigPath, providerConfig } from "../../../../local/plugins/kubernetes/providerConfig.ts";
import { UNKNOWN } from "../../../../local/plugins/rpc/envelopes.ts";
import type { JsonObject } from "../../../../local/plugins/rpc/json.ts";

function read(args: JsonObject, variables: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}) {
  return providerConfig({ args, variables: new Map(Object.entries(variables)) }, env);
}

describe("the kubernetes provider's settings", () => {
  it("are all off and empty by default", () => {
    expect(read({})).to.deep.equal({
      secretsMutable: false,
      configMapsMutable: false,
      forceConflicts: false,
      upsertsExisting: false,
      pending: false,
    });
  });

  it("take arguments over stack configuration over environment", () => {
    const variables = { "kubernetes:config:context": "from-config", "kubernetes:config:namespace": "n" };
    expect(read({ context: "from-args" }, variables)).to.include({ context: "from-args", namespace: "n" });
    const env = { PULUMI_K8S_ENABLE_SECRET_MUTABLE: "true" };
    expect(read({}, {}, env).secretsMutable).to.equal(true);
    expect(read({ enableSecretMutable: "false" }, {}, env).secretsMutable).to.equal(false);
  });

  it("read switches as the texts that the engine sends, and as booleans", () => {
    for (const value of ["true", true]) {
      const { secretsMutable, configMapsMutable } = read({
        enableSecretMutable: value,
        enableConfigMapMutable: value,
      });
      expect([secretsMutable, configMapsMutable]).to.deep.equal([true, true]);
    }
  });

  it("are pending while an argument is unknown", () => {
    expect(read({ kubeconfig: UNKNOWN }).pending).to.equal(true);
  });

  it("refuse what would be ignored, with the way out", () => {
    expect(() => read({ enableServerSideApply: "false" })).to.throw(
      /enableServerSideApply is "false".*install the real/,
    );
    expect(() => read({ renderYamlToDirectory: "out" })).to.throw(/renderYamlToDirectory/);
    expect(() => read({ enableServerSideApply: "true", deleteUnreachable: "false" })).not.to.throw();
  });

  it("tell a kubeconfig's path from its contents", () => {
    for (const path of ["/etc/kube/config", "~/.kube/config", "config.yaml"]) {
      expect(isKubeconfigPath(path), path).to.equal(true);
    }
    expect(isKubeconfigPath("apiVersion: v1\nkind: Config\n")).to.equal(false);
    expect(isKubeconfigPath('{"apiVersion":"v1"}')).to.equal(false);
  });
});
