import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { BUSYBOX_IMAGE } from "../node/settings.ts";
import type { Reporter } from "../support/report.ts";
import { assembleRootfs, type ImageProgram } from "./rootfs.ts";

/** Where images are built and stored. */
export interface ImageStore {
  /** Path of the `buildctl` program. */
  readonly buildctl: string;
  /** Path of BuildKit's socket. */
  readonly buildkitSocket: string;
  /** Path of containerd's socket. */
  readonly containerdSocket: string;
}

/** What stands in for the public images on a machine without a registry. */
export interface LocalImages {
  /** Reference of the Redis image in the node's image store. */
  readonly redis: string;
  /** Version of the Redis in it, for example 7.0.15. */
  readonly redisVersion: string;
  /** Location of the Node base image for the worker build: `oci-layout://FOLDER@DIGEST`. */
  readonly nodeBase: string;
}

const PAUSE = ["/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"];
const SHELL_APPLETS = [
  "sh",
  "cat",
  "mv",
  "rm",
  "date",
  "sleep",
  "mkdir",
  "chmod",
  "cp",
  "ls",
  "wc",
  "tr",
  "grep",
  "id",
];

interface ImagePlan {
  readonly programs: readonly ImageProgram[];
  readonly applets: readonly string[];
  readonly dockerfile: readonly string[];
}

const BUSYBOX: ImagePlan = {
  programs: [],
  applets: SHELL_APPLETS,
  dockerfile: [`ENTRYPOINT ${JSON.stringify(PAUSE)}`],
};

const REDIS: ImagePlan = {
  programs: ["redis-server", "redis-cli", "redis-check-rdb", "redis-check-aof"].map((name) => ({
    source: `/usr/bin/${name}`,
    target: `usr/bin/${name}`,
  })),
  applets: SHELL_APPLETS,
  dockerfile: ["USER 999:999", "WORKDIR /data", 'ENTRYPOINT ["redis-server"]'],
};

function nodeBase(): ImagePlan {
  return {
    programs: [{ source: process.execPath, target: "usr/bin/node" }],
    applets: [],
    dockerfile: ['ENTRYPOINT ["node"]'],
  };
}

/** Builds one plan with BuildKit; `output` says where the result goes, in buildctl's form. */
async function build(store: ImageStore, plan: ImagePlan, output: string): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), "sessiondb-image-"));
  try {
    await assembleRootfs(join(context, "root"), plan.programs, plan.applets);
    const environment = "ENV PATH=/usr/bin:/bin";
    await writeFile(
      join(context, "Dockerfile"),
      ["FROM scratch", "COPY root/ /", environment, ...plan.dockerfile, ""].join("\n"),
    );
    await execa(store.buildctl, [
      ...[
        "--addr",
        `unix://${store.buildkitSocket}`,
        "build",
        "--progress=plain",
        "--frontend=dockerfile.v0",
      ],
      ...["--local", `context=${context}`, "--local", `dockerfile=${context}`, "--output", output],
    ]);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function inStore(store: ImageStore, reference: string): Promise<boolean> {
  const list = await execa("ctr", [
    "--address",
    store.containerdSocket,
    "--namespace",
    "k8s.io",
    "images",
    "list",
    "--quiet",
  ]);
  return list.stdout.split("\n").includes(reference);
}

async function ensureImage(store: ImageStore, plan: ImagePlan, reference: string): Promise<void> {
  if (await inStore(store, reference)) return;
  await build(store, plan, `type=image,name=${reference}`);
}

async function redisVersion(): Promise<string> {
  const { stdout } = await execa("redis-server", ["--version"]);
  const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined)
    throw new Error(`cannot read the version from "${stdout}"; expected v=MAJOR.MINOR.PATCH`);
  return version;
}

/** Digest of the one manifest in an OCI layout. */
async function layoutDigest(layout: string): Promise<string | undefined> {
  const text = await readFile(join(layout, "index.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const index = JSON.parse(text) as { manifests: { digest: string }[] };
  return index.manifests[0]?.digest;
}

/** The Node base image as an OCI layout in the cache, made once per Node version. */
async function ensureNodeLayout(store: ImageStore, cache: string): Promise<string> {
  const layout = join(cache, "images", `node-${process.versions.node}-${process.arch}`);
  if ((await layoutDigest(layout)) === undefined) {
    await mkdir(dirname(layout), { recursive: true });
    const scratch = await mkdtemp(`${layout}.building-`);
    await build(store, nodeBase(), `type=oci,tar=false,dest=${scratch}`);
    await rm(layout, { recursive: true, force: true });
    // A second run may have been faster; its layout is as good as ours.
    await rename(scratch, layout).catch(() => rm(scratch, { recursive: true, force: true }));
  }
  const digest = await layoutDigest(layout);
  if (digest === undefined) throw new Error(`${layout} holds no image; delete the folder and run again`);
  return `oci-layout://${layout}@${digest}`;
}

/** Makes the image that every pod's sandbox runs; it must be there before the kubelet starts. */
export async function ensureNodeImages(store: ImageStore): Promise<void> {
  await ensureImage(store, BUSYBOX, BUSYBOX_IMAGE);
}

/** Makes the images that stand in for public ones. */
export async function ensureLocalImages(
  store: ImageStore,
  cache: string,
  reporter: Reporter,
): Promise<LocalImages> {
  const version = await redisVersion();
  const redis = `sessiondb.local/redis:${version}`;
  return reporter.phase("local images", async () => {
    await ensureImage(store, REDIS, redis);
    return { redis, redisVersion: version, nodeBase: await ensureNodeLayout(store, cache) };
  });
}
