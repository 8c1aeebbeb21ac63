import { expect } from "chai";
import { renderRedisAcl } from "../../components/aclFile.ts";
import { createKeys, EXPIRING_KINDS } from "../../client/keys.ts";
import {
  applyCalls,
  keyLiterals,
  MAX_LINES,
  misshapenComponents,
  overlong,
  pulumiImports,
  resourcesInApply,
  type Source,
} from "../helpers/sourceRules.ts";
import { readSources } from "../helpers/sources.ts";

const PROGRAM = ["index.ts", "stacks", "components"];
const PULUMI_FREE = ["workers", "client", "cli"];
/** Drives the Automation API, which needs the SDK. */
const AUTOMATION = "cli/stack/";
/** Owns the keys. */
const KEYS_OWNER = "client/keys.ts";

function sample(...lines: readonly string[]): Source {
  return { path: "sample.ts", text: `${lines.join("\n")}\n` };
}

const GOOD_COMPONENT = [
  "/** Arguments of `Thing`. */",
  "export interface ThingArgs {",
  "  /** Units: seconds. @default 5 */",
  "  readonly waitSeconds?: number;",
  "}",
  "/**",
  " * A thing.",
  " * @example new Thing('a', {});",
  " */",
  "export class Thing extends pulumi.ComponentResource {",
  "  constructor(name: string, args: ThingArgs, opts?: pulumi.ComponentResourceOptions) {",
  '    super("sessiondb:index:Thing", name, {}, opts);',
  "    this.registerOutputs({ a: 1 });",
  "  }",
  "}",
];

describe("the program's source", () => {
  it("has components of one shape, one per file", async () => {
    expect((await readSources(...PROGRAM)).flatMap(misshapenComponents)).to.deep.equal([]);
  });

  it("makes no resource inside .apply", async () => {
    expect((await readSources(...PROGRAM)).flatMap(resourcesInApply)).to.deep.equal([]);
  });

  it("keeps Pulumi out of workers, client and command line", async () => {
    const sources = (await readSources(...PULUMI_FREE)).filter(({ path }) => !path.startsWith(AUTOMATION));
    expect(sources.length).to.be.greaterThan(30);
    expect(sources.flatMap(pulumiImports)).to.deep.equal([]);
  });

  it("spells Redis keys in client/keys.ts only", async () => {
    const sources = (await readSources(...PROGRAM, ...PULUMI_FREE)).filter(({ path }) => path !== KEYS_OWNER);
    expect(sources.flatMap(keyLiterals)).to.deep.equal([]);
    expect((await readSources(KEYS_OWNER)).flatMap(keyLiterals)).not.to.deep.equal([]);
  });

  it("grants applications the patterns of exactly those keys", () => {
    const passwordHashes = ["0".repeat(64)];
    const patterns = (name: "app" | "cache"): string[] =>
      (renderRedisAcl([{ name, passwordHashes }]).split("\n")[1] ?? "")
        .split(/\s+/)
        .filter((word) => word.startsWith("~"));
    const keys = createKeys();
    const kinds = [...EXPIRING_KINDS, "user_sessions", "expirations"] as const;
    expect(patterns("app")).to.have.members(kinds.map((kind) => `~${keys.pattern(kind)}`));
    expect(patterns("cache")).to.deep.equal([`~${keys.pattern("cache")}`]);
  });

  it("calls .apply( in no test, where a failing assertion would go unseen", async () => {
    expect((await readSources("test")).flatMap(applyCalls)).to.deep.equal([]);
  });

  it(`has no file beyond ${MAX_LINES} lines`, async () => {
    const folders = ["local", "test", ...PROGRAM, ...PULUMI_FREE];
    expect((await readSources(...folders)).flatMap(overlong)).to.deep.equal([]);
  });

  it("keeps the entry point below 40 lines and free of constructors", async () => {
    const [entry] = await readSources("index.ts");
    expect(entry!.text.split("\n").length).to.be.lessThan(40);
    expect(entry!.text).not.to.match(/\bnew\s/);
  });
});

describe("the rules about source", () => {
  it("accept a component of the wanted shape", () => {
    expect(misshapenComponents(sample(...GOOD_COMPONENT))).to.deep.equal([]);
  });

  const mutations: readonly (readonly [problem: string, from: string, to: string])[] = [
    [
      "registerOutputs({…}) is not its last step",
      "    this.registerOutputs({ a: 1 });",
      "    this.registerOutputs();",
    ],
    [
      "registerOutputs({…}) is not its last step",
      "registerOutputs({ a: 1 });",
      "registerOutputs({}); more();",
    ],
    [
      "super does not come first with the type sessiondb:index:Thing",
      "sessiondb:index:Thing",
      "sessiondb:Thing",
    ],
    ["the constructor takes (name, opts), expected (name, args, opts)", "args: ThingArgs, ", ""],
    ["its documentation has no @example", "@example", "Example:"],
    ["there is no interface ThingArgs", "interface ThingArgs", "interface Other"],
    ["the argument waitSeconds is not readonly", "readonly waitSeconds", "waitSeconds"],
    ["the argument waitSeconds is not documented", "  /** Units: seconds. @default 5 */\n", ""],
    ["the optional argument waitSeconds does not say its @default", "@default 5", ""],
  ];
  for (const [problem, from, to] of mutations) {
    it(`see a component where ${problem} (${to.trim().slice(0, 30)})`, () => {
      const text = GOOD_COMPONENT.join("\n").replace(from, to);
      expect(misshapenComponents({ path: "sample.ts", text }).join("\n")).to.include(`Thing: ${problem}`);
    });
  }

  it("see two components in one file", () => {
    expect(misshapenComponents(sample(...GOOD_COMPONENT, ...GOOD_COMPONENT))).to.include(
      "sample.ts has 2 components",
    );
  });

  it("see a resource made inside .apply, however deep, but not errors and plain collections", () => {
    const bad = sample(
      "names.apply((all) => all.map((one) => { return new k8s.core.v1.Secret(one, {}); }));",
    );
    expect(resourcesInApply(bad)).to.deep.equal(["sample.ts:1 makes k8s.core.v1.Secret inside .apply"]);
    const good = sample(
      "x.apply((y) => { if (y) throw new RangeError(); return new Set([y]); });",
      "new Pod();",
    );
    expect(resourcesInApply(good)).to.deep.equal([]);
  });

  it("see .apply( in a test, but not Reflect.apply", () => {
    expect(applyCalls(sample("it('x', () => {", "  out.apply((v) => expect(v));", "});"))).to.have.lengthOf(
      1,
    );
    expect(applyCalls(sample("Reflect.apply(f, undefined, []);", "const text = '.apply(';"))).to.deep.equal(
      [],
    );
  });

  it("see every form of importing Pulumi", () => {
    const bad = sample(
      'import * as p from "@pulumi/pulumi";',
      'export * from "@pulumi/random";',
      'await import("@pulumi/x");',
    );
    expect(pulumiImports(bad)).to.have.lengthOf(3);
    expect(
      pulumiImports(sample('import x from "./pulumi.ts";', 'const y = "@pulumi/pulumi";')),
    ).to.deep.equal([]);
  });

  it("see keys as text and as templates, but not prose or labels", () => {
    expect(
      keyLiterals(sample("a('session:1'); b(`cache:${x}:y`); c(\"sessiondb:cleanup:lock\");")),
    ).to.have.lengthOf(3);
    expect(
      keyLiterals(sample("a('session: it ended'); b('sessiondb:mode'); c('~session:*');")),
    ).to.deep.equal([]);
  });

  it("see a file that is too long", () => {
    expect(overlong(sample(...Array.from({ length: MAX_LINES }, () => "")))).to.deep.equal([]);
    expect(overlong(sample(...Array.from({ length: MAX_LINES + 1 }, () => "")))).to.have.lengthOf(1);
  });
});
