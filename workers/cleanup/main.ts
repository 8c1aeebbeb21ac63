import { readBinding } from "../shared/binding.ts";
import { createLogger } from "../shared/logger.ts";
import { runWorker } from "../shared/runWorker.ts";
import { listenForStop } from "../shared/shutdown.ts";
import { readCleanupSettings } from "./options.ts";
import { runCleanup } from "./run.ts";

/** Below the Job's terminationGracePeriodSeconds of 30. */
const GRACE_MS = 20_000;

await runWorker("cleanup", async () => {
  const settings = readCleanupSettings(process.argv.slice(2), process.env);
  const logger = createLogger("cleanup", settings.logLevel);
  const shutdown = listenForStop({ logger, graceMs: GRACE_MS });
  try {
    const binding = await readBinding(settings.bindingDirectory);
    return await runCleanup({ settings, binding, logger, signal: shutdown.signal });
  } finally {
    shutdown.dispose();
  }
});
