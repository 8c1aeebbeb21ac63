import { join } from "node:path";
import { buildSync } from "esbuild";
import { waitFor } from "../../../local/support/waitFor.ts";
import type { Instance } from "./instance.ts";

/** An application's namespace, let in by its label, with a pod for each order. */
export interface Application {
  /** Runs one order in a pod of its own and returns the JSON that it printed. */
  run<T>(action: "write" | "read" | "refusals", connection: unknown, sessions?: number): Promise<T>;
}

function bundle(): string {
  const result = buildSync({
    entryPoints: [join(import.meta.dirname, "..", "pods", "application.ts")],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node22",
    minify: true,
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  const file = result.outputFiles[0];
  if (file === undefined) throw new Error("esbuild wrote nothing");
  return file.text;
}

function pod(name: string, image: string): unknown {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "application",
          image,
          imagePullPolicy: "IfNotPresent",
          args: ["/code/application.mjs"],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: [
            { name: "code", mountPath: "/code" },
            { name: "order", mountPath: "/order" },
          ],
        },
      ],
      volumes: [
        { name: "code", configMap: { name: "application" } },
        { name: "order", secret: { secretName: name } },
      ],
    },
  };
}

/**
 * Makes the namespace of an application.
 *
 * @param image an image with Node, already on the cluster.
 */
export async function createApplication(
  instance: Instance,
  options: { readonly namespace: string; readonly databaseNamespace: string; readonly image: string },
): Promise<Application> {
  const { namespace } = options;
  const labels = {
    "sessiondb/access": options.databaseNamespace,
    "pod-security.kubernetes.io/enforce": "restricted",
  };
  const apply = (object: unknown): Promise<string> =>
    instance.kubectl(
      ["apply", "--server-side", "--namespace", namespace, "--filename", "-"],
      JSON.stringify(object),
    );
  await instance.kubectl(
    ["apply", "--server-side", "--filename", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } }),
  );
  await apply({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "application" },
    data: { "application.mjs": bundle() },
  });
  let orders = 0;
  return {
    run: async (action, connection, sessions = 0) => {
      orders += 1;
      const name = `${action}-${orders}`;
      const order = JSON.stringify({ action, connection, sessions });
      await apply({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name },
        stringData: { "order.json": order },
      });
      await apply(pod(name, options.image));
      const phase = await waitFor(
        async () => {
          const seen = await instance.kubectl([
            "get",
            "pod",
            name,
            "--namespace",
            namespace,
            "--output",
            "jsonpath={.status.phase}",
          ]);
          return seen === "Succeeded" || seen === "Failed" ? seen : undefined;
        },
        { what: `pod ${namespace}/${name} to end`, timeoutSeconds: 180, intervalMs: 300 },
      );
      const logs = await instance.kubectl(["logs", name, "--namespace", namespace]);
      if (phase === "Failed") throw new Error(`the application failed:\n${logs}`);
      const { result } = JSON.parse(logs.trim().split("\n").at(-1) ?? "") as { result: never };
      return result;
    },
  };
}
