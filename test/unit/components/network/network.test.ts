import { expect } from "chai";
import { componentLabels } from "../../../../components/labels.ts";
import { stackComponents, stackFlows } from "../../../../components/network/flows.ts";
import { Network } from "../../../../components/network/network.ts";
import type { AppConfig } from "../../../../stacks/configSchema.ts";
import { sentinelConfig, testConfig } from "../../../helpers/config.ts";
import { isAllowed, type Peer } from "../../../helpers/networkPolicies.ts";
import { at, deploy, type PlainObject } from "../../../helpers/pulumi.ts";
import { manifestOf } from "../../../helpers/resourceRules.ts";

const NAMESPACE = "sessiondb-test";
const PORTS = [53, 80, 443, 6379, 6380, 8380, 26379];

async function policies(config: AppConfig): Promise<PlainObject[]> {
  const { ofType } = await deploy(
    () => new Network("sessiondb-network", { config, namespace: config.namespace }),
  );
  return ofType("NetworkPolicy").map(manifestOf);
}

/** Everybody who could try to connect, by the name that the table of flows has for them, or by one that it has not. */
function parties(config: AppConfig): Map<string, Peer> {
  const own = stackComponents(config).map((component): [string, Peer] => [
    component,
    { namespace: NAMESPACE, labels: componentLabels(NAMESPACE, component) },
  ]);
  return new Map<string, Peer>([
    ...own,
    [
      "applications",
      { namespace: "shop", namespaceLabels: { "sessiondb/access": NAMESPACE }, labels: { app: "shop" } },
    ],
    ["dns", { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } }],
    ["other pod of kube-system", { namespace: "kube-system", labels: { "k8s-app": "metrics" } }],
    [
      "namespace let in elsewhere",
      { namespace: "blog", namespaceLabels: { "sessiondb/access": "sessiondb-prod" } },
    ],
    ["unlabelled namespace", { namespace: "nosy", labels: { app: "nosy" } }],
    ["stray pod in the stack's namespace", { namespace: NAMESPACE, labels: { app: "stray" } }],
    [
      "redis of another stack",
      { namespace: "sessiondb-prod", labels: componentLabels("sessiondb-prod", "redis") },
    ],
    ["impostor", { namespace: "nosy", labels: componentLabels(NAMESPACE, "redis") }],
    ["the internet", { ip: "203.0.113.7" }],
  ]);
}

const VARIANTS: readonly (readonly [string, AppConfig])[] = [
  ["sentinel mode", sentinelConfig()],
  ["sentinel mode with a shared cache", sentinelConfig({ cache: { mode: "shared" } })],
  ["standalone mode", testConfig()],
  ["standalone mode without backups", testConfig({ backup: { enabled: false } })],
];

describe("Network", () => {
  for (const [name, config] of VARIANTS) {
    it(`lets through in ${name} what the table of flows lists, and denies every other connection of its pods`, async () => {
      const made = await policies(config);
      const everybody = parties(config);
      const listed = new Set(
        stackFlows(config).map(({ from, to, port, protocol }) => `${from} > ${to} ${protocol} ${port}`),
      );
      const wrong: string[] = [];
      let judged = 0;
      for (const [from, source] of everybody) {
        for (const [to, target] of everybody) {
          if (source.namespace !== NAMESPACE && target.namespace !== NAMESPACE) continue;
          for (const port of PORTS) {
            for (const protocol of ["TCP", "UDP"] as const) {
              const flow = `${from} > ${to} ${protocol} ${port}`;
              const allowed = isAllowed(made, { from: source, to: target, port, protocol });
              if (allowed !== listed.has(flow)) wrong.push(`${flow} is ${allowed ? "allowed" : "denied"}`);
              listed.delete(flow);
              judged += 1;
            }
          }
        }
      }
      expect(wrong).to.deep.equal([]);
      // Every row was among the connections that were judged.
      expect([...listed]).to.deep.equal([]);
      expect(judged).to.be.greaterThan(1000);
    });
  }

  it("allows, spelled out once more without the table, what an application needs and not the agent's port", async () => {
    const made = await policies(sentinelConfig());
    const everybody = parties(sentinelConfig());
    const can = (from: string, to: string, port: number): boolean =>
      isAllowed(made, { from: everybody.get(from)!, to: everybody.get(to)!, port, protocol: "TCP" });
    expect(can("applications", "redis", 6379)).to.equal(true);
    expect(can("applications", "sentinel", 26379)).to.equal(true);
    expect(can("applications", "cache", 6379)).to.equal(true);
    expect(can("applications", "redis", 8380)).to.equal(false);
    expect(can("redis", "redis", 6379)).to.equal(true);
    expect(can("redis", "sentinel", 26379)).to.equal(true);
    expect(can("sentinel", "redis", 6379)).to.equal(true);
    expect(can("cache", "redis", 6379)).to.equal(false);
    expect(can("redis", "the internet", 443)).to.equal(false);
    expect(can("backup", "cache", 6379)).to.equal(false);
    expect(can("impostor", "redis", 6379)).to.equal(false);
  });

  it("asks DNS servers outside of pods only where the configuration names them", async () => {
    const config = testConfig({ network: { dns: { cidrs: ["169.254.20.10/32"] } } });
    const cleanup = parties(config).get("cleanup")!;
    const asks = async (of: AppConfig, ip: string): Promise<boolean> =>
      isAllowed(await policies(of), { from: cleanup, to: { ip }, port: 53, protocol: "UDP" });
    expect(await asks(config, "169.254.20.10")).to.equal(true);
    expect(await asks(config, "169.254.20.11")).to.equal(false);
    expect(await asks(testConfig(), "169.254.20.10")).to.equal(false);
  });

  it("lets in the namespaces with the labels of the configuration instead", async () => {
    const config = testConfig({ network: { clientNamespaceLabels: { team: "shop", tier: "web" } } });
    const made = await policies(config);
    const redis = parties(config).get("redis")!;
    const enters = (namespaceLabels: Record<string, string>): boolean =>
      isAllowed(made, {
        from: { namespace: "any", namespaceLabels },
        to: redis,
        port: 6379,
        protocol: "TCP",
      });
    expect(enters({ team: "shop", tier: "web" })).to.equal(true);
    expect(enters({ team: "shop" })).to.equal(false);
    expect(enters({ "sessiondb/access": NAMESPACE })).to.equal(false);
  });

  it("denies everything to and from every pod of the namespace, so that a new pod starts with nothing", async () => {
    const deny = (await policies(testConfig())).find((policy) => at(policy, "spec", "ingress") === undefined);
    expect(deny!.spec).to.deep.equal({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  it("makes no policy where the configuration turns them off", async () => {
    expect(await policies(testConfig({ network: { policies: false } }))).to.deep.equal([]);
  });
});
