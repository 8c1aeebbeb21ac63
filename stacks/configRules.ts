/** Every rule between values of a configuration, in the order in which problems are reported. Pure. */
import type { AppConfig } from "./configSchema.ts";
import type { RuleViolation } from "./configProblems.ts";
import type { ConfigRule } from "./configRule.ts";
import { FAILOVER_RULES } from "./configRulesFailover.ts";
import { IMAGE_RULES } from "./configRulesImages.ts";
import { STORAGE_RULES } from "./configRulesStorage.ts";

const NOT_OURS = /^(default|kube-.*)$/;
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const namespaceIsALabel: ConfigRule = ({ namespace, stack }) =>
  DNS_LABEL.test(namespace)
    ? undefined
    : {
        path: ["namespace"],
        given: namespace,
        allowed: `a DNS label; the name made from the stack "${stack}" is none, so a namespace has to be chosen`,
        example: "sessiondb-review-1",
      };

const namespaceIsOurs: ConfigRule = ({ namespace }) =>
  NOT_OURS.test(namespace)
    ? {
        path: ["namespace"],
        given: namespace,
        allowed: "a namespace of the stack's own: it is created, locked down and deleted with the stack",
        example: "sessiondb-dev",
      }
    : undefined;

const clientsAreNamed: ConfigRule = ({ network, namespace }) =>
  network.policies && Object.keys(network.clientNamespaceLabels).length === 0
    ? {
        path: ["network", "clientNamespaceLabels", "sessiondb/access"],
        given: network.clientNamespaceLabels,
        allowed: "at least one label: none at all would let every namespace in",
        example: namespace,
      }
    : undefined;

/** All rules. */
const RULES: readonly ConfigRule[] = [
  namespaceIsALabel,
  namespaceIsOurs,
  clientsAreNamed,
  ...FAILOVER_RULES,
  ...STORAGE_RULES,
  ...IMAGE_RULES,
];

/** Everything that the rules object to. */
export function checkRules(config: AppConfig): RuleViolation[] {
  return RULES.flatMap((rule) => rule(config) ?? []);
}
