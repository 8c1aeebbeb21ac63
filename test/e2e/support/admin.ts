import type { Instance } from "./instance.ts";

/**
 * redis-cli inside a pod, as the administrator. The password goes in through standard input, so that it is in
 * no argument list.
 */
export async function adminCli(
  instance: Instance,
  options: { readonly namespace: string; readonly pod: string; readonly container?: string },
  commands: readonly string[],
): Promise<string[]> {
  const secret = await instance.get<{ data: Record<string, string> }>(
    "secret",
    "account-admin",
    "--namespace",
    options.namespace,
  );
  const password = Buffer.from(secret.data.password ?? "", "base64").toString();
  const output = await instance.kubectl(
    [
      ...[
        "exec",
        "--stdin",
        options.pod,
        "--namespace",
        options.namespace,
        "--container",
        options.container ?? "redis",
      ],
      ...["--", "redis-cli", "--no-auth-warning"],
    ],
    [`AUTH admin ${password}`, ...commands, ""].join("\n"),
  );
  return output.split("\n").slice(1);
}
