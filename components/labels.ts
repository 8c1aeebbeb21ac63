/** The labels of every object, in one place; selectors and network policies rely on them. */

/** The parts of the system that run pods, as `app.kubernetes.io/component` names them. */
export type Component = "redis" | "cache" | "sentinel" | "cleanup" | "backup";

/** Label that lets the pods of an application's namespace in; its value is the stack's namespace. */
export const ACCESS_LABEL = "sessiondb/access";

/** Labels of an object that belongs to no single component. */
export function stackLabels(namespace: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": "sessiondb",
    "app.kubernetes.io/instance": namespace,
    "app.kubernetes.io/part-of": "sessiondb",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/** Labels of a component's objects and pods. */
export function componentLabels(namespace: string, component: Component): Record<string, string> {
  return { ...stackLabels(namespace), "app.kubernetes.io/component": component };
}

/** The labels by which a component's pods are selected: those of them that never change. */
export function componentSelector(namespace: string, component: Component): Record<string, string> {
  return {
    "app.kubernetes.io/name": "sessiondb",
    "app.kubernetes.io/instance": namespace,
    "app.kubernetes.io/component": component,
  };
}
