/** From the table of flows to NetworkPolicy specs. Pure. */
import type { types } from "@pulumi/kubernetes";
import type { AppConfig } from "../../stacks/configSchema.ts";
import { componentSelector, type Component } from "../labels.ts";
import { stackFlows, type Flow, type FlowSource, type FlowTarget } from "./flows.ts";

type PolicySpec = types.input.networking.v1.NetworkPolicySpec;
type Peer = types.input.networking.v1.NetworkPolicyPeer;

/** Denies everything to and from every pod of the namespace. */
export const DENY_ALL: PolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

function peers(config: AppConfig, party: FlowSource | FlowTarget): Peer[] {
  const { network } = config;
  if (party === "applications") {
    return [{ namespaceSelector: { matchLabels: { ...network.clientNamespaceLabels } } }];
  }
  if (party === "dns") {
    return [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": network.dns.namespace } },
        podSelector: { matchLabels: { ...network.dns.podLabels } },
      },
      ...network.dns.cidrs.map((cidr) => ({ ipBlock: { cidr } })),
    ];
  }
  return [{ podSelector: { matchLabels: componentSelector(config.namespace, party) } }];
}

function ports(flow: Flow): types.input.networking.v1.NetworkPolicyPort[] {
  return [{ protocol: flow.protocol, port: flow.port }];
}

/** What one component's pods may accept and open, and nothing else. */
export function componentPolicy(config: AppConfig, component: Component): PolicySpec {
  const flows = stackFlows(config);
  return {
    podSelector: { matchLabels: componentSelector(config.namespace, component) },
    policyTypes: ["Ingress", "Egress"],
    ingress: flows
      .filter(({ to }) => to === component)
      .map((flow) => ({ from: peers(config, flow.from), ports: ports(flow) })),
    egress: flows
      .filter(({ from }) => from === component)
      .map((flow) => ({ to: peers(config, flow.to), ports: ports(flow) })),
  };
}
