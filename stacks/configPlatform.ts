/** Configuration of what the cluster provides: images, network, node placement, credentials. */
import { z } from "zod";
import { ACCOUNT_NAMES } from "../components/aclFile.ts";
import { choice, dnsLabel, dnsName, flag, list, optional, section, text, textMap } from "./configFields.ts";

/** Official Redis image that an unchanged configuration runs. */
export const DEFAULT_REDIS_IMAGE =
  "docker.io/library/redis:8.2.1@sha256:5fa2edb1e408fa8235e6db8fab01d1afaaae96c9403ba67b70feceb8661e8621";

/** Base of the worker image that an unchanged configuration builds on. */
export const DEFAULT_WORKER_BASE_IMAGE =
  "docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d";

function image(example: string, description: string): z.ZodType<string> {
  return text(
    /^[a-z0-9][\w.-]*(:\d+)?(\/[a-z0-9][\w.-]*)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
    "an image reference: [host[:port]/]repository[:tag][@sha256:digest]",
    example,
    description,
  );
}

const workerBuildSchema = section(
  {
    repository: image(
      "registry.example.com/platform/sessiondb-worker",
      "Where the image goes, without tag.",
    ).default("sessiondb-worker"),
    push: flag("Push it to that registry; otherwise it stays in the local image store.").default(false),
    platforms: list(
      choice(["linux/amd64", "linux/arm64"], "A platform."),
      "Platforms to build for; more than one needs `push`.",
    ).default(["linux/amd64"]),
    baseImage: image(
      DEFAULT_WORKER_BASE_IMAGE,
      "Image with Node 22.18 or newer that the workers run on.",
    ).default(DEFAULT_WORKER_BASE_IMAGE),
    contexts: textMap("Named build contexts, which may stand in for images: name to location.").default({}),
    cacheFrom: list(
      image("registry.example.com/platform/sessiondb-worker:cache", "A cache image."),
      "Images to take build layers from.",
    ).default([]),
    registry: optional(
      section(
        {
          address: text(
            /^[\w.-]+(:\d+)?$/,
            "a registry host, with port if needed",
            "registry.example.com",
            "Registry host.",
          ),
          username: text(/^\S+$/, "a user name without spaces", "ci-push", "User that may push."),
        },
        "Credentials for the push; the password is the secret `registryPassword`.",
      ),
    ),
  },
  "Build the worker image from this checkout.",
);

/** Images and how they are pulled. */
export const imagesSchema = section(
  {
    redis: image(DEFAULT_REDIS_IMAGE, "Image of Redis, the cache and the Sentinels.").default(
      DEFAULT_REDIS_IMAGE,
    ),
    worker: section(
      {
        build: optional(workerBuildSchema),
        prebuilt: optional(
          image(
            "registry.example.com/platform/sessiondb-worker:1.0.0",
            "Use this image of the workers as it is.",
          ),
        ),
      },
      "The worker image: either `build` or `prebuilt`; built with defaults if neither is given.",
    )
      .refine((worker) => worker.build === undefined || worker.prebuilt === undefined, {
        error: "images.worker holds either build or prebuilt, not both",
        path: ["prebuilt"],
        params: { remove: true },
      })
      .prefault({}),
    pullSecrets: list(
      dnsName("registry-credentials", "A Secret."),
      "Image pull Secrets in the stack's namespace.",
    ).default([]),
    pullPolicy: choice(["IfNotPresent", "Always", "Never"], "When nodes pull images.").default(
      "IfNotPresent",
    ),
    allowUnpinned: flag("Accept references to public registries without a digest.").default(false),
  },
  "Images and how they are pulled.",
);

/** Network policies and what they must let through. */
export const networkSchema = section(
  {
    policies: flag("Deny everything between pods that the system does not need.").default(true),
    clientNamespaceLabels: optional(
      textMap(
        "Labels of the Namespaces whose pods may connect; `sessiondb/access: <namespace>` if left out.",
      ),
    ),
    dns: section(
      {
        namespace: dnsLabel("kube-system", "Namespace of the cluster's DNS.").default("kube-system"),
        podLabels: textMap("Labels of its pods.").default({ "k8s-app": "kube-dns" }),
        cidrs: list(
          text(
            /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$|^[0-9a-f:]+\/\d{1,3}$/,
            "an address range such as 169.254.20.10/32",
            "169.254.20.10/32",
            "A range.",
          ),
          "Address ranges of DNS servers outside of pods, such as a node-local cache.",
        ).default([]),
      },
      "Where pods ask for names.",
    ).prefault({}),
  },
  "Network policies.",
);

const tolerationSchema = section(
  {
    key: optional(text(/^\S+$/, "a taint key", "dedicated", "Taint key.")),
    operator: choice(["Equal", "Exists"], "How the taint is compared.").default("Equal"),
    value: optional(text(/^\S+$/, "a taint value", "sessiondb", "Taint value.")),
    effect: optional(choice(["NoSchedule", "PreferNoSchedule", "NoExecute"], "Taint effect.")),
  },
  "One toleration.",
);

const SPREAD = ["required", "preferred", "off"] as const;

/** Which nodes pods run on. */
export const placementSchema = section(
  {
    nodeSelector: textMap("Labels that a node must have.").default({}),
    tolerations: list(tolerationSchema, "Taints that pods tolerate.").default([]),
    podAntiAffinity: choice(SPREAD, "Keep the pods of one set on different nodes.").default("preferred"),
    zoneSpread: choice(SPREAD, "Spread the pods of one set over zones.").default("preferred"),
  },
  "Which nodes pods run on.",
);

const EXISTING_SECRETS = `an object of Secret names, with keys out of: ${ACCOUNT_NAMES.join(", ")}`;

const accountSecrets = z
  .partialRecord(
    z.enum(ACCOUNT_NAMES, { error: EXISTING_SECRETS }),
    dnsName("team-a-redis-app", "A Secret."),
    { error: EXISTING_SECRETS },
  )
  .meta({
    description:
      "Accounts whose password comes from a Secret of yours (key `password`): account to Secret name.",
    allowed: EXISTING_SECRETS,
  });

/** Account passwords. */
export const credentialsSchema = section(
  {
    activeSlot: choice(
      ["a", "b"],
      "Which of each account's two generated passwords its Secret holds.",
    ).default("a"),
    acceptBothSlots: flag("Accept the other one too: the overlap while a rotation is under way.").default(
      false,
    ),
    existingSecrets: accountSecrets.default({}),
  },
  "Account passwords and their rotation.",
);
