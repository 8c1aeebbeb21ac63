import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Mocha's spec reporter, which also writes how many tests passed and failed to `$SESSIONDB_TEST_COUNTS`. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    let passed = 0;
    let failed = 0;
    runner.on("pass", () => (passed += 1));
    // Hooks that fail count too, and so do tests that were skipped: a test that did not run proves nothing.
    runner.on("fail", () => (failed += 1));
    runner.on("pending", () => (failed += 1));
    runner.once("end", () => {
      const file = process.env.SESSIONDB_TEST_COUNTS;
      if (file !== undefined) writeFileSync(file, JSON.stringify({ passed, failed }));
    });
  }
}
