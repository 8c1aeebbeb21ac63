import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseObject, stringAt } from "../rpc/json.ts";
import type { ResourceRequest } from "../rpc/plugin.ts";
import { BuildError } from "./buildError.ts";
import { buildctlArguments } from "./buildctlArguments.ts";
import type { BuildFiles } from "./buildctlArguments.ts";
import type { Builder } from "./builder.ts";
import type { ImageInputs } from "./imageInputs.ts";
import { contextKind } from "./namedContexts.ts";
import { layoutDigest } from "./ociLayout.ts";
import { dockerConfig, operatorDockerConfig } from "./registryAuth.ts";

const DIGEST_KEY = "containerimage.digest";

/** Lines of BuildKit's output that go into an error message. */
const ERROR_LINES = 30;

/**
 * Builds an image and returns its digest; empty for a build without tags, which exports nothing. Credentials
 * and secrets live in a private directory for as long as the build runs.
 */
export async function runBuild(
  request: ResourceRequest,
  builder: Builder,
  inputs: ImageInputs,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "sessiondb-build-"));
  try {
    const files = await writeFiles(directory, inputs);
    const childEnv = { ...env, ...(await registryEnvironment(directory, inputs, env)) };
    await buildctl(request, builder, buildctlArguments(builder, inputs, files), childEnv);
    const metadata = parseObject(await readFile(files.metadataFile, "utf8"), "BuildKit's metadata");
    const digest = stringAt(metadata, DIGEST_KEY) ?? "";
    if (digest === "" && inputs.destination !== "nowhere") {
      throw new BuildError(
        `BuildKit reported no ${DIGEST_KEY} for ${inputs.tags.join(", ")}; expected a digest.`,
      );
    }
    return digest;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeFiles(directory: string, inputs: ImageInputs): Promise<BuildFiles> {
  const secretFiles = await Promise.all(
    inputs.buildSecrets.map(async ([id, value], index): Promise<[string, string]> => {
      const path = join(directory, `secret${index}`);
      await writeFile(path, value, { mode: 0o600 });
      return [id, path];
    }),
  );
  const layoutDigests = new Map<string, string>();
  for (const [name, location] of inputs.namedContexts) {
    const context = contextKind(location);
    if (context.kind === "oci-layout") layoutDigests.set(name, await layoutDigest(context));
  }
  const files = { metadataFile: join(directory, "metadata.json"), secretFiles, layoutDigests };
  if (inputs.dockerfileInline === undefined) return files;
  // In a directory of its own: BuildKit reads the whole directory that holds the Dockerfile.
  const inlineDockerfile = join(directory, "dockerfile", "Dockerfile");
  await mkdir(join(directory, "dockerfile"));
  await writeFile(inlineDockerfile, inputs.dockerfileInline, { mode: 0o600 });
  return { ...files, inlineDockerfile };
}

async function registryEnvironment(
  directory: string,
  inputs: ImageInputs,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  if (inputs.registries.length === 0) return {};
  const configDirectory = join(directory, "docker");
  await mkdir(configDirectory, { mode: 0o700 });
  const config = dockerConfig(await operatorDockerConfig(env), inputs.registries);
  await writeFile(join(configDirectory, "config.json"), JSON.stringify(config), { mode: 0o600 });
  return { DOCKER_CONFIG: configDirectory };
}

async function buildctl(
  request: ResourceRequest,
  builder: Builder,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const tail: string[] = [];
  const child = spawn(builder.buildctl, args, {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    signal: request.signal,
  });
  const stop = () => child.kill();
  process.once("exit", stop);
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    for (const line of chunk.split("\n").filter((text) => text.trim() !== "")) {
      tail.push(line);
      if (tail.length > ERROR_LINES) tail.shift();
      request.say(line);
    }
  });
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (exitCode === 0) return;
    throw new BuildError(
      `The image build failed (buildctl exit code ${String(exitCode)}):\n${tail.join("\n")}`,
    );
  } catch (error) {
    if (error instanceof BuildError) throw error;
    if (request.signal.aborted) throw new BuildError("The image build was cancelled.", { cause: error });
    throw new BuildError(
      `Cannot run ${builder.buildctl} against ${builder.address}; expected BuildKit's client and a running daemon.`,
      { cause: error },
    );
  } finally {
    process.off("exit", stop);
  }
}
