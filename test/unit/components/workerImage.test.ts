import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { requireLogin, WorkerImage } from "../../../components/workerImage.ts";
import type { WorkerContext } from "../../../components/workerContext.ts";
import { testConfig } from "../../helpers/config.ts";
import { at, deploy, isSecretEnvelope, resolve, reveal, type Deployment } from "../../helpers/pulumi.ts";

const CONTEXT = { directory: "/bundle", contentHash: "0123456789abcdef" };
const REPOSITORY = "registry.example.com/team/worker";
const TAGGED = /^registry\.example\.com\/team\/worker:[0-9a-f]{16}$/;

function deployImage(
  worker: Record<string, unknown>,
  options: { password?: string; context?: () => WorkerContext } = {},
): Promise<Deployment<WorkerImage>> {
  const config = testConfig({ images: { worker } });
  const { password, context = () => CONTEXT } = options;
  return deploy(
    () =>
      new WorkerImage("sessiondb-worker", {
        config,
        context,
        ...(password === undefined ? {} : { registryPassword: pulumi.secret(password) }),
      }),
  );
}

describe("WorkerImage", () => {
  it("takes a prebuilt reference as it is, and bundles and builds nothing", async () => {
    const deployment = await deployImage(
      { prebuilt: `${REPOSITORY}:1.0.0` },
      {
        context: () => {
          throw new Error("must not be called");
        },
      },
    );
    expect(await resolve(deployment.result.reference)).to.equal(`${REPOSITORY}:1.0.0`);
    expect(deployment.ofType("Image")).to.deep.equal([]);
  });

  const tagOf = async (build: Record<string, unknown>, context = CONTEXT): Promise<unknown> => {
    const deployment = await deployImage(
      { build: { repository: REPOSITORY, ...build } },
      { context: () => context },
    );
    return at(deployment.find("Image", "sessiondb-worker-image").inputs, "tags", 0);
  };

  it("has another tag as soon as workers, base image or a named context change, and else the same", async () => {
    const tag = await tagOf({});
    expect(tag).to.match(TAGGED);
    expect(await tagOf({ cacheFrom: [`${REPOSITORY}:cache`] })).to.equal(tag);
    expect(await tagOf({}, { ...CONTEXT, contentHash: "fedcba9876543210" })).not.to.equal(tag);
    expect(await tagOf({ baseImage: "mirror.example.com/node:24" })).not.to.equal(tag);
    expect(await tagOf({ contexts: { base: "oci-layout:///images/node" } })).not.to.equal(tag);
  });

  it("builds from the bundle's folder and its Dockerfile", async () => {
    const { inputs } = (await deployImage({ build: {} })).find("Image", "sessiondb-worker-image");
    expect(at(inputs, "context", "location")).to.equal("/bundle");
    expect(at(inputs, "dockerfile", "location")).to.equal("/bundle/Dockerfile");
  });

  it("builds nothing during a preview", async () => {
    const { inputs } = (await deployImage({ build: {} })).find("Image", "sessiondb-worker-image");
    expect(inputs.buildOnPreview).to.equal(false);
  });

  it("is referred to by digest once it is pushed", async () => {
    const deployment = await deployImage({ build: { repository: REPOSITORY, push: true } });
    expect(deployment.find("Image", "sessiondb-worker-image").inputs).to.include({ push: true, load: false });
    expect(await resolve(deployment.result.reference)).to.match(
      /^registry\.example\.com\/team\/worker:[0-9a-f]{16}@sha256:[0-9a-f]{64}$/,
    );
  });

  it("is referred to by its tag where it stays in the local store", async () => {
    const deployment = await deployImage({ build: { repository: REPOSITORY, push: false } });
    expect(deployment.find("Image", "sessiondb-worker-image").inputs).to.include({ push: false, load: true });
    expect(await resolve(deployment.result.reference)).to.match(TAGGED);
  });

  it("builds for every platform, on the base image and with the named contexts and caches of the configuration", async () => {
    const { inputs } = (
      await deployImage({
        build: {
          repository: REPOSITORY,
          push: true,
          platforms: ["linux/amd64", "linux/arm64"],
          baseImage: "mirror.example.com/node:24",
          contexts: { base: "oci-layout:///images/node" },
          cacheFrom: [`${REPOSITORY}:cache`],
        },
      })
    ).find("Image", "sessiondb-worker-image");
    expect(inputs.platforms).to.deep.equal(["linux/amd64", "linux/arm64"]);
    expect(inputs.buildArgs).to.deep.equal({ BASE_IMAGE: "mirror.example.com/node:24" });
    expect(at(inputs, "context", "named")).to.deep.equal({ base: { location: "oci-layout:///images/node" } });
    expect(inputs.cacheFrom).to.deep.equal([{ registry: { ref: `${REPOSITORY}:cache` } }]);
  });

  it("logs in with the registry's password, which stays in its envelope", async () => {
    const registry = { address: "registry.example.com", username: "ci-push" };
    const deployment = await deployImage(
      { build: { repository: REPOSITORY, push: true, registry } },
      { password: "hunter2" },
    );
    const { registries } = deployment.find("Image", "sessiondb-worker-image").inputs;
    expect(reveal(registries)).to.deep.equal([{ ...registry, password: "hunter2" }]);
    const [entry] = isSecretEnvelope(registries) ? [] : (registries as { password: object }[]);
    expect(entry === undefined || isSecretEnvelope(entry.password as never)).to.equal(true);
  });

  it("is refused when the registry names a user and there is no password", () => {
    const registry = { address: "registry.example.com", username: "ci-push" };
    expect(() => requireLogin({ registry }, false)).to.throw(
      "pulumi config set --secret sessiondb:registryPassword",
    );
    expect(() => requireLogin({ registry }, true)).not.to.throw();
    expect(() => requireLogin({}, false)).not.to.throw();
  });

  it("asks for no login where the configuration names no registry", async () => {
    const { inputs } = (await deployImage({ build: { push: true } })).find("Image", "sessiondb-worker-image");
    expect(inputs.registries ?? []).to.deep.equal([]);
  });
});
