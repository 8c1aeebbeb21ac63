/** Rules that every registered resource keeps. Each returns what offends, in words; nothing when all is well. Pure. */
import {
  at,
  isSecretEnvelope,
  redact,
  reveal,
  type Plain,
  type PlainObject,
  type Recorded,
  textOf,
} from "./pulumi.ts";

const STACK_TYPE = "pulumi:pulumi:Stack";

/** The only component that may sit directly below the stack. */
export const ROOT_COMPONENT = "sessiondb:index:SessionDatabase";

const STACK_LABELS = ["name", "instance", "part-of", "managed-by"].map((key) => `app.kubernetes.io/${key}`);
const COMPONENT_LABEL = "app.kubernetes.io/component";

const show = ({ type, name }: Recorded): string => `${type} ${name}`;

/** Everything but the root component and providers belongs to a component. */
export function unparented(resources: readonly Recorded[]): string[] {
  return resources
    .filter(({ parent }) => parent === "" || parent.includes(`::${STACK_TYPE}::`))
    .filter(({ type }) => type !== ROOT_COMPONENT && !type.startsWith("pulumi:providers:"))
    .map((resource) => `${show(resource)} has no component as its parent`);
}

/** A child's logical name begins with its parent's. */
export function misnamed(resources: readonly Recorded[]): string[] {
  return resources.flatMap((resource) => {
    const parentName = resource.parent.split("::").at(-1) ?? "";
    const isTop = resource.parent === "" || resource.parent.includes(`::${STACK_TYPE}::`);
    return isTop || resource.name.startsWith(`${parentName}-`)
      ? []
      : [`${show(resource)} should be named ${parentName}-…, after its parent`];
  });
}

/** Type tokens of components are ours. */
export function foreignTokens(resources: readonly Recorded[]): string[] {
  return resources
    .filter(({ custom, type }) => !custom && !/^sessiondb:index:[A-Z][A-Za-z]+$/.test(type))
    .map((resource) => `${show(resource)} should have a type of the form sessiondb:index:Thing`);
}

/** Every component said what it gives to others. */
export function unregistered(resources: readonly Recorded[]): string[] {
  return resources
    .filter(({ custom, outputs }) => !custom && outputs === undefined)
    .map((resource) => `${show(resource)} never called registerOutputs`);
}

/** Kubernetes objects made by the program (not those only looked up). */
export function kubernetesObjects(resources: readonly Recorded[]): Recorded[] {
  return resources.filter(({ type, isRead }) => type.startsWith("kubernetes:") && !isRead);
}

/** All objects are in the stack's one namespace. */
export function outsideNamespace(resources: readonly Recorded[], namespace: string): string[] {
  return kubernetesObjects(resources)
    .filter(({ type }) => type !== "kubernetes:core/v1:Namespace")
    .filter(({ inputs }) => at(inputs, "metadata", "namespace") !== namespace)
    .map(
      (resource) =>
        `${show(resource)} is in namespace ${textOf(at(resource.inputs, "metadata", "namespace"))}, not ${namespace}`,
    );
}

/** All objects carry the common labels; pod templates also say which component they are. */
export function unlabelled(resources: readonly Recorded[]): string[] {
  return kubernetesObjects(resources).flatMap((resource) => {
    const missing = missingLabels(at(resource.inputs, "metadata", "labels"), STACK_LABELS);
    const templates = [
      at(resource.inputs, "spec", "template"),
      at(resource.inputs, "spec", "jobTemplate", "spec", "template"),
    ].filter((template) => template !== undefined);
    const missingBelow = templates.flatMap((template) =>
      missingLabels(at(template, "metadata", "labels"), [...STACK_LABELS, COMPONENT_LABEL]),
    );
    return [
      ...missing.map((label) => `${show(resource)} lacks the label ${label}`),
      ...missingBelow.map((label) => `the pods of ${show(resource)} lack the label ${label}`),
    ];
  });
}

function missingLabels(labels: Plain, wanted: readonly string[]): string[] {
  return wanted.filter((label) => typeof at(labels, label) !== "string");
}

/** The payload of every Secret reaches state in an envelope. */
export function openSecrets(resources: readonly Recorded[]): string[] {
  return resources
    .filter(({ type, isRead }) => type === "kubernetes:core/v1:Secret" && !isRead)
    .flatMap((resource) =>
      ["data", "stringData"]
        .filter((field) => resource.inputs[field] !== undefined)
        .filter((field) => !isWhollySecret(resource.inputs[field]))
        .map((field) => `${show(resource)} has plain ${field}`),
    );
}

/** An envelope, or an object of nothing but envelopes. */
function isWhollySecret(value: Plain): boolean {
  if (isSecretEnvelope(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).every(isWhollySecret);
}

/** None of the given secrets appears outside of an envelope: in inputs, in component arguments or in outputs. */
export function leaks(resources: readonly Recorded[], secrets: readonly string[]): string[] {
  const needles = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString("base64")]);
  return resources.flatMap((resource) => {
    const visible = JSON.stringify([redact(resource.inputs), redact(resource.outputs ?? null)]);
    return needles.some((needle) => visible.includes(needle))
      ? [`${show(resource)} shows a secret in the clear`]
      : [];
  });
}

/** Passwords in the account Secrets of a deployment. */
export function passwordsOf(resources: readonly Recorded[]): string[] {
  const found = resources
    .filter(({ type }) => type === "kubernetes:core/v1:Secret")
    .flatMap(({ inputs }) => [
      at(inputs, "stringData", "password"),
      at(inputs, "stringData", "sentinel-password"),
    ])
    .filter((password) => typeof password === "string");
  return [...new Set(found)];
}

/** Inputs without envelopes, as the API server would get them. */
export function manifestOf(resource: Recorded): PlainObject {
  return reveal(resource.inputs) as PlainObject;
}

/** URNs of everything that has to exist before a resource, however indirectly. */
export function allDependencies(resource: Recorded, resources: readonly Recorded[]): Set<string> {
  const byUrn = new Map(resources.map((one) => [one.urn, one]));
  const seen = new Set<string>();
  const visit = (one: Recorded): void => {
    for (const urn of one.dependencies) {
      if (seen.has(urn)) continue;
      seen.add(urn);
      const next = byUrn.get(urn);
      if (next !== undefined) visit(next);
    }
  };
  visit(resource);
  return seen;
}
