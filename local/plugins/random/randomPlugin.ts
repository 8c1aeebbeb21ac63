import sdk from "@pulumi/random/package.json" with { type: "json" };
import { detailedDiff } from "../rpc/detailedDiff.ts";
import { copySecretsInto, plainObject } from "../rpc/envelopes.ts";
import { PluginError } from "../rpc/pluginError.ts";
import type { Plugin } from "../rpc/plugin.ts";
import { markSecrets, previewOutputs, randomKind } from "./generators.ts";

/**
 * Random values that are drawn once and then live in state. Nothing exists outside of it: reading returns
 * what is recorded, deleting has nothing to do, and every change of an argument draws anew.
 */
export const randomPlugin: Plugin = {
  name: "random",
  version: sdk.version,
  check: (request, { news }) => {
    randomKind(request.type);
    return { inputs: news };
  },
  diff: (_request, oldInputs, _olds, news) => ({
    changes: new Map(
      [...detailedDiff(plainObject(oldInputs), plainObject(news))].map(([path, change]) => [
        path,
        { change, replace: true },
      ]),
    ),
    deleteBeforeReplace: false,
  }),
  create: (request, inputs) => {
    const kind = randomKind(request.type);
    if (request.preview) return { id: "", properties: previewOutputs(kind, inputs) };
    const { id, properties } = kind.generate(plainObject(inputs));
    return { id, properties: copySecretsInto(inputs, markSecrets(kind, properties)) };
  },
  update: (_request, _oldInputs, olds, news) => ({ ...olds, ...news }),
  read: (request, inputs, properties) => {
    if (Object.keys(properties).length > 0) return { id: request.id, inputs, properties };
    throw new PluginError(
      "IMPORT_UNSUPPORTED",
      `Importing or getting "${request.name}" (${request.type}) is not supported by the stand-in random plugin. ` +
        "Let the program create the value, or install the real pulumi-resource-random.",
    );
  },
  delete: () => undefined,
};
