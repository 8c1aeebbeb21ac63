import { expect } from "chai";
import { isAllowed, type Peer } from "../../helpers/networkPolicies.ts";
import type { PlainObject } from "../../helpers/pulumi.ts";

const client: Peer = { namespace: "shop", namespaceLabels: { tier: "web" }, labels: { app: "shop" } };
const server: Peer = { namespace: "db", labels: { app: "redis" } };
const connect = (policies: PlainObject[], port = 6379, protocol: "TCP" | "UDP" = "TCP"): boolean =>
  isAllowed(policies, { from: client, to: server, port, protocol });

function policy(namespace: string, spec: PlainObject): PlainObject {
  return { metadata: { namespace }, spec };
}

describe("the judge of network policies", () => {
  it("lets everything through where no policy selects either end", () => {
    expect(connect([])).to.equal(true);
    expect(connect([policy("elsewhere", { podSelector: {}, policyTypes: ["Ingress"] })])).to.equal(true);
    const others = policy("db", { podSelector: { matchLabels: { app: "other" } }, policyTypes: ["Ingress"] });
    expect(connect([others])).to.equal(true);
  });

  it("denies what a selected end does not list, at either end", () => {
    expect(connect([policy("db", { podSelector: {}, policyTypes: ["Ingress"] })])).to.equal(false);
    expect(connect([policy("shop", { podSelector: {}, policyTypes: ["Egress"] })])).to.equal(false);
    expect(connect([policy("db", { podSelector: {}, policyTypes: ["Egress"] })])).to.equal(true);
  });

  it("adds policies up: one that lists the connection is enough", () => {
    const deny = policy("db", { podSelector: {}, policyTypes: ["Ingress"] });
    const allow = policy("db", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] });
    expect(connect([deny, allow])).to.equal(true);
  });

  it("compares port and protocol", () => {
    const rule = { ports: [{ port: 6379, protocol: "TCP" }] };
    const made = [policy("db", { podSelector: {}, policyTypes: ["Ingress"], ingress: [rule] })];
    expect(connect(made)).to.equal(true);
    expect(connect(made, 6380)).to.equal(false);
    expect(connect(made, 6379, "UDP")).to.equal(false);
  });

  it("takes a pod selector alone as one for the policy's own namespace, and both together as both", () => {
    const from = (peer: PlainObject): boolean =>
      connect([policy("db", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [peer] }] })]);
    const shop = { matchLabels: { app: "shop" } };
    expect(from({ podSelector: shop })).to.equal(false);
    expect(from({ podSelector: shop, namespaceSelector: { matchLabels: { tier: "web" } } })).to.equal(true);
    expect(from({ podSelector: shop, namespaceSelector: { matchLabels: { tier: "db" } } })).to.equal(false);
    expect(from({ namespaceSelector: {} })).to.equal(true);
    expect(from({ ipBlock: { cidr: "10.0.0.0/8" } })).to.equal(false);
  });

  it("refuses selectors that it does not understand", () => {
    const odd = policy("db", { podSelector: { matchExpressions: [] }, policyTypes: ["Ingress"] });
    expect(() => connect([odd])).to.throw("no support for selectors with matchExpressions");
  });
});
