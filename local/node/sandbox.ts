import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../support/waitFor.ts";
import type { NodeSettings } from "./settings.ts";

/**
 * The node lives in mount, network, process and host-name namespaces of its own, held by one init process.
 * When that process ends, for whatever reason, the kernel ends everything in it: pods, mounts, interfaces and
 * iptables rules cannot outlive it, and none of them was ever visible on the machine.
 */

interface HolderRecord {
  readonly pid: number;
  /** Start time in clock ticks since boot: together with the boot id it tells a reused pid from ours. */
  readonly startTicks: string;
  readonly bootId: string;
}

/** Folders whose paths are compiled into containerd's shim, the CNI plugins and the kubelet. Inside, each is empty at first. */
const PRIVATE_FOLDERS = ["/run/containerd", "/var/lib/cni", "/var/lib/kubelet"];

function holderScript(settings: NodeSettings): string {
  return [
    // Mounts made inside must reach containers (shared), and must never reach the machine (slave first).
    "mount --make-rslave /",
    "mount --make-rshared /",
    "mount -t proc proc /proc",
    ...PRIVATE_FOLDERS.map((folder) => `mkdir -p ${folder} && mount -t tmpfs tmpfs ${folder}`),
    // Logs of pods: two instances would otherwise clean up each other's.
    `mount --bind ${settings.directories.podLogs} /var/log`,
    "ip link set lo up",
    "echo 1 > /proc/sys/net/ipv4/ip_forward",
    // tini reaps whatever containerd's shims leave behind.
    "exec tini -s -- sleep infinity",
  ].join(" && ");
}

function recordFile(settings: NodeSettings): string {
  return join(settings.directories.run, "sandbox.json");
}

async function bootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

/** Field 22 of /proc/PID/stat; the command name before it may hold spaces, so count from its closing bracket. */
async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** Process id of the node's init, or undefined when the node is not running. */
export async function sandboxPid(settings: NodeSettings): Promise<number | undefined> {
  const text = await readFile(recordFile(settings), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as HolderRecord;
  const alive = record.bootId === (await bootId()) && record.startTicks === (await startTicks(record.pid));
  return alive ? record.pid : undefined;
}

async function onlyChildOf(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const first = children.trim().split(" ")[0];
  return first === undefined || first === "" ? undefined : Number(first);
}

async function linkToMachine(settings: NodeSettings, pid: number): Promise<void> {
  const inside = ["--target", String(pid), "--net", "ip"];
  await execa("ip", ["link", "delete", settings.interfaceName], { reject: false });
  await execa("ip", [
    "link",
    "add",
    settings.interfaceName,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "netns",
    String(pid),
  ]);
  await execa("ip", ["address", "add", `${settings.hostAddress}/30`, "dev", settings.interfaceName]);
  await execa("ip", ["link", "set", settings.interfaceName, "up"]);
  await execa("nsenter", [...inside, "address", "add", `${settings.nodeAddress}/30`, "dev", "eth0"]);
  await execa("nsenter", [...inside, "link", "set", "eth0", "up"]);
  await execa("nsenter", [...inside, "route", "add", "default", "via", settings.hostAddress]);
}

/** Starts the namespaces and their link to the machine, and returns the process id of the init inside. */
export async function startSandbox(settings: NodeSettings): Promise<number> {
  await mkdir(settings.directories.run, { recursive: true, mode: 0o700 });
  await mkdir(settings.directories.logs, { recursive: true });
  await mkdir(settings.directories.podLogs, { recursive: true });
  const log = openSync(join(settings.directories.logs, "sandbox.log"), "a");
  const unshare = [
    "--fork",
    "--kill-child",
    "--pid",
    "--mount",
    "--net",
    "--uts",
    "sh",
    "-c",
    holderScript(settings),
  ];
  const holder = spawn("unshare", unshare, { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  holder.unref();
  const outer = holder.pid;
  if (outer === undefined) throw new Error("cannot start unshare; util-linux and root are needed");
  const pid = await waitFor(
    async () => {
      const child = await onlyChildOf(outer);
      if (child === undefined) return undefined;
      const name = await readFile(`/proc/${child}/comm`, "utf8");
      return name.trim() === "tini" ? child : undefined;
    },
    {
      what: "the node's namespaces",
      timeoutSeconds: 15,
      intervalMs: 20,
      hint: join(settings.directories.logs, "sandbox.log"),
    },
  );
  await linkToMachine(settings, pid);
  const ticks = await startTicks(pid);
  if (ticks === undefined) throw new Error("the node's init ended right after its start");
  const record: HolderRecord = { pid, startTicks: ticks, bootId: await bootId() };
  await writeFile(recordFile(settings), JSON.stringify(record));
  return pid;
}

/** Arguments that run a command inside the node: `nsenter ...args COMMAND`. */
export function enterArguments(pid: number): string[] {
  return ["--target", String(pid), "--mount", "--net", "--pid", "--uts", "--"];
}

/** Ends the namespaces and everything in them, and waits until they are gone. */
export async function stopSandbox(settings: NodeSettings): Promise<void> {
  const pid = await sandboxPid(settings);
  if (pid !== undefined) {
    process.kill(pid, "SIGKILL");
    await waitFor(async () => ((await startTicks(pid)) === undefined ? true : undefined), {
      what: `the node's init (pid ${pid}) to end`,
      timeoutSeconds: 30,
      intervalMs: 50,
    });
  }
  // The kernel removes the interface with the namespace, a moment after the last process in it has ended.
  await waitFor(
    async () => {
      const shown = await execa("ip", ["link", "show", settings.interfaceName], { reject: false });
      return shown.failed ? true : undefined;
    },
    { what: `interface ${settings.interfaceName} to go`, timeoutSeconds: 10, intervalMs: 50 },
  ).catch(async () => {
    await execa("ip", ["link", "delete", settings.interfaceName], { reject: false });
  });
  await rm(recordFile(settings), { force: true });
}
