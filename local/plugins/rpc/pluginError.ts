/**
 * An operation that a plugin refuses or could not do; the message is meant for the operator: what, got,
 * expected, next step.
 */
export class PluginError extends Error {
  override readonly name: string = "PluginError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
