import { PluginError } from "../rpc/pluginError.ts";

/** An image that could not be built, with what BuildKit said last. */
export class BuildError extends PluginError {
  override readonly name = "BuildError";

  constructor(message: string, options?: ErrorOptions) {
    super("BUILD_FAILED", message, options);
  }
}
