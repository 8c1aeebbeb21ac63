import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import {
  KUBERNETES_VERSION,
  findSwagger,
  schemaLocation,
  writeSchemas,
} from "../helpers/kubernetesSchemas.ts";
import type { PlainObject } from "../helpers/pulumi.ts";
import { kubernetesObjects, manifestOf } from "../helpers/resourceRules.ts";
import { deployStack, STACKS } from "../helpers/stacks.ts";

/** What kubeconform found. */
interface Report {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly status: string;
    readonly msg: string;
  }[];
  readonly summary: {
    readonly valid: number;
    readonly invalid: number;
    readonly errors: number;
    readonly skipped: number;
  };
}

function findKubeconform(): string | undefined {
  const named = process.env.SESSIONDB_KUBECONFORM;
  if (named !== undefined && named !== "") return named;
  const paths = (process.env.PATH ?? "").split(delimiter).map((directory) => join(directory, "kubeconform"));
  return paths.find((path) => existsSync(path));
}

/** What the API server sees: with a name, which Pulumi adds where the program gives none. */
function named(manifest: PlainObject, name: string): PlainObject {
  return { ...manifest, metadata: { name, ...(manifest.metadata as PlainObject) } };
}

describe(`the manifests, against the schemas of Kubernetes ${KUBERNETES_VERSION}`, () => {
  let scratch: string;
  let kubeconform: string;

  before("write the schemas", async () => {
    const swagger = findSwagger();
    const binary = findKubeconform();
    if (swagger === undefined)
      throw new Error("the Go module cache has no k8s.io/kubernetes: run ./sessiondb test");
    if (binary === undefined)
      throw new Error("no kubeconform: set SESSIONDB_KUBECONFORM or run ./sessiondb test");
    kubeconform = binary;
    scratch = await mkdtemp(join(tmpdir(), "sessiondb-schemas-"));
    expect(await writeSchemas(swagger, scratch)).to.be.greaterThan(100);
  });

  after("remove the schemas", () => rm(scratch, { recursive: true, force: true }));

  async function check(manifests: readonly PlainObject[]): Promise<Report> {
    const file = join(scratch, "manifests.json");
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }));
    const { stdout } = await execa(
      kubeconform,
      ["-strict", "-summary", "-output", "json", "-schema-location", schemaLocation(scratch), file],
      { reject: false },
    );
    return JSON.parse(stdout) as Report;
  }

  for (const stack of STACKS) {
    it(`of ${stack} are all valid, and none is skipped`, async () => {
      const objects = kubernetesObjects((await deployStack(stack)).resources);
      const report = await check(objects.map((resource) => named(manifestOf(resource), resource.name)));
      expect(report.resources ?? [], "what is not valid").to.deep.equal([]);
      expect(report.summary).to.deep.equal({ valid: objects.length, invalid: 0, errors: 0, skipped: 0 });
    });
  }

  const pod = (change: PlainObject): PlainObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sample" },
    spec: { containers: [{ name: "main", image: "redis" }], ...change },
  });

  it("are really checked: fields of the wrong type, unknown and missing fields and kinds are found", async () => {
    expect((await check([pod({})])).summary).to.include({ valid: 1, invalid: 0 });
    const bad = [
      pod({ terminationGracePeriodSeconds: "60" }),
      pod({ terminationGracePeriod: 60 }),
      pod({ containers: [{ image: "redis" }] }),
      { apiVersion: "v1", kind: "Pot", metadata: { name: "sample" } },
    ];
    const { summary } = await check(bad);
    expect(summary.valid).to.equal(0);
    expect(summary.invalid + summary.errors).to.equal(bad.length);
  });
});
