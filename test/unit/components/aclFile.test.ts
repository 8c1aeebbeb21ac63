import { expect } from "chai";
import {
  ACCOUNT_NAMES,
  CACHE_ACCOUNTS,
  redisRules,
  renderRedisAcl,
  renderSentinelAcl,
  SENTINEL_ACCOUNTS,
  sessionAccounts,
  type AccountName,
} from "../../../components/aclFile.ts";

const HASH = "ab".repeat(32);
const OTHER = "cd".repeat(32);
const account = (name: AccountName, passwordHashes: readonly string[] = [HASH]) => ({ name, passwordHashes });

describe("ACL files", () => {
  it("let nobody log in as default", () => {
    for (const text of [renderRedisAcl([account("app")]), renderSentinelAcl([account("discovery")])]) {
      expect(text.split("\n")[0]).to.match(/^user default off resetpass /);
    }
  });

  it("hold one line per account, accept every given password, and start from no permission", () => {
    const text = renderRedisAcl([account("replication", [HASH, OTHER])]);
    expect(text.split("\n")[1]).to.equal(
      `user replication on #${HASH} #${OTHER} -@all +psync +replconf +ping`,
    );
    expect(text.endsWith("\n")).to.equal(true);
  });

  it("give only admin everything", () => {
    for (const name of ACCOUNT_NAMES.filter((other) => other !== "admin")) {
      expect(redisRules(name), name).to.not.include.members(["+@all"]).and.not.include.members(["~*"]);
    }
  });

  it("give no account but admin CONFIG GET, which would show the replication password", () => {
    for (const name of ACCOUNT_NAMES.filter((other) => other !== "admin")) {
      expect(
        redisRules(name).filter((rule) => /^\+(config$|config\|get|@admin|@dangerous)/.test(rule)),
        name,
      ).to.deep.equal([]);
    }
  });

  it("take away dangerous commands after granting categories, since the last rule wins", () => {
    for (const name of ACCOUNT_NAMES.filter((other) => other !== "admin")) {
      const rules = redisRules(name);
      if (!rules.some((rule) => rule.startsWith("+@"))) continue;
      const lastCategory = rules.findLastIndex((rule) => rule.startsWith("+@"));
      expect(rules.indexOf("-@dangerous"), name).to.be.above(lastCategory);
    }
  });

  it("refuse what would make an account open or broken, without showing a hash", () => {
    expect(() => renderRedisAcl([account("app", [])])).to.throw(RangeError, "accepts no password");
    expect(() => renderRedisAcl([account("app", ["hunter2"])]))
      .to.throw(/no SHA-256/)
      .and.not.match(/hunter2/);
    expect(() => renderRedisAcl([account("discovery")])).to.throw(
      RangeError,
      'account "discovery" has no place on Redis',
    );
    expect(() => renderSentinelAcl([account("app")])).to.throw(RangeError, "no place on a Sentinel");
  });

  it("exist where an account has something to do", () => {
    expect(sessionAccounts({ mode: "standalone", cacheMode: "separate" })).to.have.members([
      "admin",
      "app",
      "monitor",
      "cleanup",
      "backup",
    ]);
    expect(sessionAccounts({ mode: "sentinel", cacheMode: "shared" })).to.have.members(
      ACCOUNT_NAMES.filter((name) => name !== "discovery"),
    );
    for (const name of [...CACHE_ACCOUNTS, ...sessionAccounts({ mode: "sentinel", cacheMode: "shared" })]) {
      expect(() => renderRedisAcl([account(name)]), name).to.not.throw();
    }
    for (const name of SENTINEL_ACCOUNTS)
      expect(() => renderSentinelAcl([account(name)]), name).to.not.throw();
  });
});
