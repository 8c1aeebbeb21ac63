import { stringify } from "yaml";

/** A kubeconfig for one user with a token, trusting the given certificate. */
export function kubeconfigText(server: string, certificate: Buffer, token: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "tests", cluster: { server, "certificate-authority-data": certificate.toString("base64") } },
    ],
    users: [{ name: "tests", user: { token } }],
    contexts: [{ name: "tests", context: { cluster: "tests", user: "tests" } }],
    "current-context": "tests",
  });
}
