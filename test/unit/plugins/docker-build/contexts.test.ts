import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { contextHash } from "../../../../local/plugins/docker-build/contextHash.ts";
import { imageInputs } from "../../../../local/plugins/docker-build/imageInputs.ts";
import { contextKind } from "../../../../local/plugins/docker-build/namedContexts.ts";
import { layoutDigest, pickManifest } from "../../../../local/plugins/docker-build/ociLayout.ts";
import type { JsonObject } from "../../../../local/plugins/rpc/json.ts";

const NAME = "org.opencontainers.image.ref.name";

describe("named contexts", () => {
  it("are told apart by their location", () => {
    expect(contextKind("./dir")).to.deep.equal({ kind: "directory", path: "./dir" });
    expect(contextKind("docker-image://a:1")).to.deep.equal({
      kind: "remote",
      reference: "docker-image://a:1",
    });
    expect(contextKind("oci-layout:///i/node")).to.deep.equal({ kind: "oci-layout", path: "/i/node" });
    expect(contextKind("oci-layout:///i/node:24@sha256:abc")).to.deep.equal({
      kind: "oci-layout",
      path: "/i/node",
      tag: "24",
      digest: "sha256:abc",
    });
  });

  it("of one image need no tag, of several a fitting one", () => {
    const layout = { kind: "oci-layout", path: "/i" } as const;
    const one = { manifests: [{ digest: "sha256:1" }] };
    const two = {
      manifests: [
        { digest: "sha256:1", annotations: { [NAME]: "docker.io/library/node:24" } },
        { digest: "sha256:2", annotations: { [NAME]: "22" } },
      ],
    };
    expect(pickManifest(one, layout)).to.equal("sha256:1");
    expect(pickManifest(two, { ...layout, tag: "24" })).to.equal("sha256:1");
    expect(pickManifest(two, { ...layout, tag: "22" })).to.equal("sha256:2");
    expect(() => pickManifest(two, layout)).to.throw(/has 2 images, expected one.*node:24, 22/);
    expect(() => pickManifest(one, { ...layout, tag: "24" })).to.throw(/0 images tagged "24"/);
  });
});

describe("the context hash", () => {
  let root: string;
  const hash = async (inputs: JsonObject = {}) =>
    contextHash(imageInputs({ context: { location: join(root, "context") }, ...inputs }));

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "sessiondb-context-"));
    await mkdir(join(root, "context", "src"), { recursive: true });
    await writeFile(join(root, "context", "Dockerfile"), "FROM scratch");
    await writeFile(join(root, "context", "src", "a.js"), "1");
  });
  afterEach(async () => rm(root, { recursive: true }));

  it("stays while nothing changes, and follows contents, modes and names", async () => {
    const hashes = [await hash()];
    expect(await hash()).to.equal(hashes[0]);
    await writeFile(join(root, "context", "src", "a.js"), "2");
    hashes.push(await hash());
    await chmod(join(root, "context", "src", "a.js"), 0o755);
    hashes.push(await hash());
    await writeFile(join(root, "context", "src", "b.js"), "");
    hashes.push(await hash());
    expect(new Set(hashes).size).to.equal(4);
  });

  it("follows a Dockerfile outside of the context, and an inline one", async () => {
    const location = join(root, "Other");
    await writeFile(location, "FROM a");
    const outside = await hash({ dockerfile: { location } });
    await writeFile(location, "FROM b");
    expect(await hash({ dockerfile: { location } })).not.to.equal(outside);
    expect(await hash({ dockerfile: { inline: "FROM a" } })).not.to.equal(
      await hash({ dockerfile: { inline: "FROM b" } }),
    );
  });

  it("follows named directories and image layouts", async () => {
    const layout = join(root, "layout");
    await mkdir(layout);
    const named = { base: { location: `oci-layout://${layout}` } };
    const write = async (digest: string) =>
      writeFile(join(layout, "index.json"), JSON.stringify({ manifests: [{ digest }] }));
    const context = { location: join(root, "context"), named };
    await write("sha256:1");
    const first = await hash({ context });
    await write("sha256:2");
    expect(await hash({ context })).not.to.equal(first);
  });

  it("says which path it cannot read", async () => {
    await rm(join(root, "context", "Dockerfile"));
    const missing = await hash().catch((error: unknown) => String(error));
    expect(missing).to.include(join(root, "context", "Dockerfile"));
    const layout = await layoutDigest({ kind: "oci-layout", path: root }).catch((error: unknown) =>
      String(error),
    );
    expect(layout).to.include(`${root}; expected a directory with an index.json`);
  });
});
