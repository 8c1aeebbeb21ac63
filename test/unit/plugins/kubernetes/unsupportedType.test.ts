import { expect } from "chai";
import { refuseUnsupportedType } from "../../../../local/plugins/kubernetes/unsupportedType.ts";

describe("resource types of the kubernetes stand-in", () => {
  it("are refused by name where they need more than an apply", () => {
    for (const type of [
      "kubernetes:helm.sh/v3:Release",
      "kubernetes:core/v1:ConfigMapPatch",
      "kubernetes:core/v1:ConfigMapList",
      "kubernetes:yaml/v2:ConfigGroup",
    ]) {
      expect(() => refuseUnsupportedType(type), type).to.throw(new RegExp(`^${type}.*install the real`));
    }
  });

  it("are accepted where they are objects of the API", () => {
    for (const type of [
      "kubernetes:core/v1:Secret",
      "kubernetes:apps/v1:StatefulSet",
      "kubernetes:a.example/v1:Db",
    ]) {
      expect(() => refuseUnsupportedType(type), type).not.to.throw();
    }
  });
});
