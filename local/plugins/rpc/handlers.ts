import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { detailedDiff } from "./detailedDiff.ts";
import type { EngineLog } from "./engineLog.ts";
import { plainObject } from "./envelopes.ts";
import type { DiffResult, Plugin } from "./plugin.ts";
import { PluginError } from "./pluginError.ts";
import { checkInput, resourceRequest } from "./requests.ts";
import type { RequestFacts } from "./requests.ts";
import { checkResponse, configureResponse, diffResponse, readResponse } from "./responses.ts";
import { toRpcStatus } from "./rpcStatus.ts";
import { fromStruct, toStruct } from "./structs.ts";

type Answer<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Turns a function into a gRPC handler whose failures become proper answers. */
function unary<Request, Response>(answer: Answer<Request, Response>): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(toRpcStatus(error)),
      );
  };
}

/** Provider arguments that differ; none of them makes the engine replace the provider. */
function diffConfig(request: providerPb.DiffRequest): DiffResult {
  const olds = plainObject(fromStruct(request.getOldInputs()));
  const news = plainObject(fromStruct(request.getNews()));
  const changes = [...detailedDiff(olds, news)].filter(([path]) => path !== "version");
  return {
    changes: new Map(changes.map(([path, change]) => [path, { change, replace: false }])),
    deleteBeforeReplace: false,
  };
}

/**
 * The resource provider service over a plugin. Methods that are missing here answer "unimplemented", which
 * the engine expects of plugins that do not know them.
 */
export function handlers(
  plugin: Plugin,
  log: EngineLog,
  cancellation: AbortController,
): UntypedServiceImplementation {
  const about = (facts: RequestFacts) => resourceRequest(facts, log, cancellation.signal);
  let announced = false;
  const announce = (): void => {
    if (announced) return;
    announced = true;
    log(
      `stand-in plugin: ${plugin.name} ${plugin.version} is sessiondb's own implementation, not the real plugin`,
      "info",
    );
  };
  return {
    getPluginInfo: unary(() => {
      const info = new pluginPb.PluginInfo();
      info.setVersion(plugin.version);
      return info;
    }),
    getSchema: unary(() => {
      const response = new providerPb.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: plugin.name, version: plugin.version }));
      return response;
    }),
    attach: unary(() => new emptyPb.Empty()),
    cancel: unary(() => {
      cancellation.abort();
      return new emptyPb.Empty();
    }),
    checkConfig: unary((request: providerPb.CheckRequest) => {
      const news = fromStruct(request.getNews());
      return checkResponse({ inputs: plugin.checkConfig?.(news) ?? news });
    }),
    diffConfig: unary((request: providerPb.DiffRequest) => diffResponse(diffConfig(request))),
    configure: unary(async (request: providerPb.ConfigureRequest) => {
      announce();
      await plugin.configure?.({
        args: plainObject(fromStruct(request.getArgs())),
        variables: new Map(request.getVariablesMap().entries()),
      });
      return configureResponse();
    }),
    check: unary(async (request: providerPb.CheckRequest) =>
      checkResponse(await plugin.check(about({ urn: request.getUrn() }), checkInput(request))),
    ),
    diff: unary(async (request: providerPb.DiffRequest) =>
      diffResponse(
        await plugin.diff(
          about({ urn: request.getUrn(), id: request.getId() }),
          fromStruct(request.getOldInputs()),
          fromStruct(request.getOlds()),
          fromStruct(request.getNews()),
        ),
      ),
    ),
    create: unary(async (request: providerPb.CreateRequest) => {
      const preview = request.getPreview();
      const facts = { urn: request.getUrn(), timeoutSeconds: request.getTimeout(), preview };
      const state = await plugin.create(about(facts), fromStruct(request.getProperties()));
      const response = new providerPb.CreateResponse();
      response.setId(preview ? "" : state.id);
      response.setProperties(toStruct(state.properties));
      return response;
    }),
    update: unary(async (request: providerPb.UpdateRequest) => {
      const facts = {
        urn: request.getUrn(),
        id: request.getId(),
        timeoutSeconds: request.getTimeout(),
        preview: request.getPreview(),
      };
      const properties = await plugin.update(
        about(facts),
        fromStruct(request.getOldInputs()),
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
      );
      const response = new providerPb.UpdateResponse();
      response.setProperties(toStruct(properties));
      return response;
    }),
    read: unary(async (request: providerPb.ReadRequest) =>
      readResponse(
        await plugin.read(
          about({ urn: request.getUrn(), id: request.getId(), timeoutSeconds: request.getTimeout() }),
          fromStruct(request.getInputs()),
          fromStruct(request.getProperties()),
        ),
      ),
    ),
    delete: unary(async (request: providerPb.DeleteRequest) => {
      const facts = { urn: request.getUrn(), id: request.getId(), timeoutSeconds: request.getTimeout() };
      await plugin.delete(about(facts), fromStruct(request.getProperties()));
      return new emptyPb.Empty();
    }),
    invoke: unary(async (request: providerPb.InvokeRequest) => {
      const token = request.getTok();
      if (plugin.invoke === undefined) throw unknownFunction(plugin, token);
      const response = new providerPb.InvokeResponse();
      response.setReturn(toStruct(await plugin.invoke(token, fromStruct(request.getArgs()))));
      return response;
    }),
  };
}

function unknownFunction(plugin: Plugin, token: string): PluginError {
  return new PluginError(
    "UNKNOWN_FUNCTION",
    `The stand-in ${plugin.name} plugin has no function "${token}". Install the real pulumi-resource-${plugin.name} ` +
      `${plugin.version} or do without the function.`,
  );
}
