import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import type { Change } from "./detailedDiff.ts";
import type { CheckResult, DiffResult, PropertyChange, ReadState } from "./plugin.ts";
import { toStruct } from "./structs.ts";

/** Writes a check answer. */
export function checkResponse(result: CheckResult): providerPb.CheckResponse {
  const response = new providerPb.CheckResponse();
  response.setInputs(toStruct(result.inputs));
  response.setFailuresList(
    (result.failures ?? []).map(({ property, reason }) => {
      const failure = new providerPb.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

/** Writes a diff answer with its property paths. */
export function diffResponse(result: DiffResult): providerPb.DiffResponse {
  const response = new providerPb.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = providerPb.DiffResponse.DiffChanges;
  response.setChanges(result.changes.size > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDeletebeforereplace(result.deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  const replaces: string[] = [];
  for (const [path, change] of result.changes) {
    const detail = new providerPb.PropertyDiff();
    detail.setKind(changeKind(change));
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
    if (change.replace) replaces.push(path);
  }
  response.setReplacesList(replaces);
  response.setDiffsList([...new Set([...result.changes.keys()].map(topProperty))]);
  return response;
}

/** Writes a read answer; without an id the engine takes the resource for gone. */
export function readResponse(state: ReadState | undefined): providerPb.ReadResponse {
  const response = new providerPb.ReadResponse();
  if (state === undefined) return response;
  response.setId(state.id);
  response.setProperties(toStruct(state.properties));
  response.setInputs(toStruct(state.inputs));
  return response;
}

/** Says what the plugins can do: keep secrets, preview, and follow the engine's naming rules. */
export function configureResponse(): providerPb.ConfigureResponse {
  const response = new providerPb.ConfigureResponse();
  response.setAcceptsecrets(true);
  response.setSupportspreview(true);
  response.setSupportsAutonamingConfiguration(true);
  response.setAcceptresources(false);
  response.setAcceptoutputs(false);
  return response;
}

function changeKind({ change, replace }: PropertyChange): providerPb.PropertyDiff.Kind {
  const { Kind } = providerPb.PropertyDiff;
  const kinds: Record<Change, readonly [providerPb.PropertyDiff.Kind, providerPb.PropertyDiff.Kind]> = {
    ADD: [Kind.ADD, Kind.ADD_REPLACE],
    DELETE: [Kind.DELETE, Kind.DELETE_REPLACE],
    UPDATE: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  };
  return kinds[change][replace ? 1 : 0];
}

function topProperty(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}
