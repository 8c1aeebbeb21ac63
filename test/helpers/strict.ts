/**
 * Loaded before every test file. A promise that nobody awaited and that rejects must fail the run: mocha's
 * own listener swallows some of them, so this one throws.
 */
process.on("unhandledRejection", (reason: unknown) => {
  throw reason instanceof Error ? reason : new Error(`unhandled rejection: ${String(reason)}`);
});
