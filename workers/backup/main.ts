import { readBinding } from "../shared/binding.ts";
import { createLogger } from "../shared/logger.ts";
import { runWorker } from "../shared/runWorker.ts";
import { listenForStop } from "../shared/shutdown.ts";
import { readBackupSettings } from "./options.ts";
import { runBackup } from "./run.ts";

/** Below the Job's terminationGracePeriodSeconds of 30. */
const GRACE_MS = 20_000;

await runWorker("backup", async () => {
  const settings = readBackupSettings(process.argv.slice(2), process.env);
  const logger = createLogger("backup", settings.logLevel);
  const shutdown = listenForStop({ logger, graceMs: GRACE_MS });
  try {
    const binding = await readBinding(settings.bindingDirectory);
    return await runBackup({ settings, binding, logger, signal: shutdown.signal });
  } finally {
    shutdown.dispose();
  }
});
