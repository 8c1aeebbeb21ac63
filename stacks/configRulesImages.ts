/** Rules about images and the engine that they hold. Pure. */
import { isUnpinnedPublicImage, parseImageReference, versionInTag } from "../components/images.ts";
import { isSupported, oldestSupported } from "../components/redis/engineCapabilities.ts";
import type { ConfigPath } from "./configPaths.ts";
import type { RuleViolation } from "./configProblems.ts";
import type { AppConfig } from "./configSchema.ts";
import type { ConfigRule } from "./configRule.ts";

function pinned(config: AppConfig, path: ConfigPath, image: string | undefined): RuleViolation | undefined {
  if (image === undefined || config.images.allowUnpinned || !isUnpinnedPublicImage(image)) return undefined;
  return {
    path,
    given: image,
    allowed:
      "a digest (@sha256:...) behind a public registry's image, since its tags move; or sessiondb:images.allowUnpinned true",
    example: `${image}@sha256:<digest>`,
    involves: [["images", "allowUnpinned"]],
  };
}

const redisImageIsPinned: ConfigRule = (config) => pinned(config, ["images", "redis"], config.images.redis);

const workerImageIsPinned: ConfigRule = (config) =>
  pinned(config, ["images", "worker", "prebuilt"], config.images.worker.prebuilt);

const workerBaseIsPinned: ConfigRule = (config) =>
  pinned(config, ["images", "worker", "build", "baseImage"], config.images.worker.build?.baseImage);

const manyPlatformsNeedAPush: ConfigRule = ({ images: { worker } }) =>
  worker.build !== undefined && worker.build.platforms.length > 1 && !worker.build.push
    ? {
        path: ["images", "worker", "build", "push"],
        given: false,
        allowed: `true with ${worker.build.platforms.length} platforms: a local image store holds an image for one only`,
        example: "true",
        involves: [["images", "worker", "build", "platforms"]],
      }
    : undefined;

const localImagesAreNotPulled: ConfigRule = ({ images: { worker, pullPolicy } }) =>
  worker.build !== undefined && !worker.build.push && pullPolicy === "Always"
    ? {
        path: ["images", "pullPolicy"],
        given: pullPolicy,
        allowed: "IfNotPresent or Never while the worker image is built and not pushed: no registry holds it",
        example: "IfNotPresent",
        involves: [["images", "worker", "build", "push"]],
      }
    : undefined;

const engineIsSupported: ConfigRule = ({ engine }) =>
  isSupported(engine)
    ? undefined
    : {
        path: ["engine", "version"],
        given: engine.version,
        allowed: `${engine.name} ${oldestSupported(engine.name)} or newer`,
        example: engine.name === "redis" ? "8.2.1" : "8.1.3",
        involves: [["engine", "name"]],
      };

const engineNameMatchesTheImage: ConfigRule = ({ engine, images }) => {
  const program = parseImageReference(images.redis).repository.split("/").at(-1);
  return (program === "redis" || program === "valkey") && program !== engine.name
    ? {
        path: ["engine", "name"],
        given: engine.name,
        allowed: `what images.redis holds, which its name says is ${program}`,
        example: program,
        involves: [["images", "redis"]],
      }
    : undefined;
};

const engineVersionMatchesTheImage: ConfigRule = ({ engine, images }) => {
  const tagged = versionInTag(parseImageReference(images.redis));
  const named = engine.version.split(".").map(Number);
  return tagged?.some((part, index) => part !== named[index]) === true
    ? {
        path: ["engine", "version"],
        given: engine.version,
        allowed: `the version of images.redis, whose tag says ${tagged.join(".")}: redis.conf is written for it`,
        example: [...tagged, ...named.slice(tagged.length)].join("."),
        involves: [["images", "redis"]],
      }
    : undefined;
};

/** Rules of this file. */
export const IMAGE_RULES: readonly ConfigRule[] = [
  redisImageIsPinned,
  workerImageIsPinned,
  workerBaseIsPinned,
  manyPlatformsNeedAPush,
  localImagesAreNotPulled,
  engineIsSupported,
  engineNameMatchesTheImage,
  engineVersionMatchesTheImage,
];
