import { Server, ServerCredentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { connectEngineLog } from "./engineLog.ts";
import { handlers } from "./handlers.ts";
import type { Plugin } from "./plugin.ts";

/** Property bags of big stacks outgrow gRPC's 4 MiB; this is the engine's own limit. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
const PARENT_CHECK_INTERVAL_MS = 500;

/**
 * Serves a plugin to the engine that started this process: listens on a free local port and prints it, which
 * is the handshake. The engine's own address is the last argument.
 */
export function serve(plugin: Plugin): void {
  const cancellation = new AbortController();
  const log = connectEngineLog(process.argv.slice(2).at(-1));
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(services.ResourceProviderService, handlers(plugin, log, cancellation));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
      process.stderr.write(`pulumi-resource-${plugin.name}: cannot listen on 127.0.0.1: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  // The engine gives each plugin a process group of its own and interrupts it once all work is done; it would
  // wait five seconds for one that stays.
  process.on("SIGINT", () => process.exit(0));
  exitWithParent();
}

/** An engine that was killed closes nothing, so a plugin looks for itself whether it was orphaned. */
function exitWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_INTERVAL_MS).unref();
}
