import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../../local/plugins/rpc/json.ts";

/** Keys as they occur in resources, some of which need quoting in a property path. */
const key = fc.constantFrom("a", "b", "name", "app.kubernetes.io/name", "with space", 'with"quote', "");

/** Nested JSON over few keys, so that two values often share some of them. */
export const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "json" },
    fc.constantFrom<JsonValue>(null, true, false, 0, 1, "", "text"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { noNullPrototype: true }),
  ),
})).value;

/** A property bag. */
export const bag: fc.Arbitrary<JsonObject> = fc.dictionary(key, json, { noNullPrototype: true });
