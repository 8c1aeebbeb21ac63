import { createHash } from "node:crypto";
import { join } from "node:path";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../stacks/configSchema.ts";
import type { WorkerContext } from "./workerContext.ts";

type BuildConfig = NonNullable<AppConfig["images"]["worker"]["build"]>;

/** Arguments of `WorkerImage`. */
export interface WorkerImageArgs {
  /** The stack's configuration. */
  readonly config: AppConfig;
  /** Password for the push, secret. @default pushes as whoever the builder is logged in as */
  readonly registryPassword?: pulumi.Output<string> | undefined;
  /** Makes the build context; called only when the image is built here. */
  readonly context: () => WorkerContext;
}

/**
 * The one image of agent, cleanup and backup: built here from one Dockerfile, or taken as it is.
 *
 * @example
 * const image = new WorkerImage("sessiondb-worker", { config, context: workerContext }, { parent });
 * image.reference; // registry.example.com/team/worker:…@sha256:…
 */
export class WorkerImage extends pulumi.ComponentResource {
  /** Reference for pod specs: with digest when pushed or prebuilt so, else tagged with the digest of its content. */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: WorkerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sessiondb:index:WorkerImage", name, {}, opts);
    const { worker } = args.config.images;
    this.reference =
      worker.build === undefined ? pulumi.output(worker.prebuilt) : this.#build(name, args, worker.build);
    this.registerOutputs({ reference: this.reference });
  }

  #build(name: string, args: WorkerImageArgs, build: BuildConfig): pulumi.Output<string> {
    requireLogin(build, args.registryPassword !== undefined);
    const context = args.context();
    const tag = `${build.repository}:${contentTag(context, build)}`;
    const image = new dockerBuild.Image(
      `${name}-image`,
      {
        tags: [tag],
        context: { location: context.directory, named: namedContexts(build) },
        dockerfile: { location: join(context.directory, "Dockerfile") },
        buildArgs: { BASE_IMAGE: build.baseImage },
        platforms: build.platforms.map((platform) => dockerBuild.Platform[PLATFORMS[platform]]),
        cacheFrom: build.cacheFrom.map((ref) => ({ registry: { ref } })),
        push: build.push,
        // Without a registry the image stays where it is built, under its tag.
        load: !build.push,
        registries: registries(build, args.registryPassword),
        // A preview should cost nothing, and its result could not be used.
        buildOnPreview: false,
      },
      { parent: this },
    );
    // The tag alone would not wait for the build.
    return build.push ? image.ref : image.digest.apply(() => tag);
  }
}

/**
 * A user without a password could only fail at the push, after everything else was made.
 *
 * @throws Error naming registry, user and the command that sets the password
 */
export function requireLogin({ registry }: Pick<BuildConfig, "registry">, hasPassword: boolean): void {
  if (registry === undefined || hasPassword) return;
  throw new Error(
    `sessiondb:images.worker.build.registry names user ${registry.username} of ${registry.address}, but there is no password; ` +
      "set it with: pulumi config set --secret sessiondb:registryPassword",
  );
}

/** Names an image by everything that goes into it, so that pods roll when any of that changes. */
function contentTag({ contentHash }: WorkerContext, { baseImage, contexts }: BuildConfig): string {
  return createHash("sha256")
    .update(JSON.stringify([contentHash, baseImage, contexts]))
    .digest("hex")
    .slice(0, TAG_DIGITS);
}

const TAG_DIGITS = 16;
const PLATFORMS = { "linux/amd64": "Linux_amd64", "linux/arm64": "Linux_arm64" } as const;

function namedContexts(build: BuildConfig): Record<string, { location: string }> {
  return Object.fromEntries(Object.entries(build.contexts).map(([name, location]) => [name, { location }]));
}

function registries(
  build: BuildConfig,
  password: pulumi.Output<string> | undefined,
): NonNullable<dockerBuild.ImageArgs["registries"]> {
  if (build.registry === undefined) return [];
  const { address, username } = build.registry;
  return [{ address, username, ...(password === undefined ? {} : { password: pulumi.secret(password) }) }];
}
