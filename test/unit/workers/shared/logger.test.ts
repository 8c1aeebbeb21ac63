import { expect } from "chai";
import { pino } from "pino";
import { redactedPaths } from "../../../../workers/shared/logger.ts";

describe("log redaction", () => {
  it("blanks secret-bearing fields at several depths", () => {
    const lines: string[] = [];
    const logger = pino({ redact: redactedPaths() }, { write: (line: string) => lines.push(line) });
    logger.info({
      password: "s1",
      binding: { password: "s2", sentinel: { password: "s3" } },
      uri: "redis://a:s4@h",
    });
    expect(lines.join("")).not.to.match(/s[1-4]\b/);
    expect(lines.join("")).to.contain("[Redacted]");
  });
});
