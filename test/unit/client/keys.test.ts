import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  cleanupCursorKey,
  cleanupLockKey,
  createKeys,
  digestId,
  EXPIRING_KINDS,
} from "../../../client/keys.ts";

describe("keys", () => {
  it("spells every key of the data model", () => {
    const keys = createKeys();
    expect(keys.session("d")).to.equal("session:d");
    expect(keys.refreshToken("d")).to.equal("refresh_token:d");
    expect(keys.deletionToken("d")).to.equal("deletion_token:d");
    expect(keys.userSessions("ada")).to.equal("user_sessions:ada");
    expect(keys.expirations("refresh_token")).to.equal("expirations:refresh_token");
    expect(keys.cache("resource", "popular_recipes")).to.equal("cache:resource:popular_recipes");
    expect(cleanupCursorKey("sessions")).to.equal("sessiondb:cleanup:cursor:sessions");
    expect(cleanupLockKey("cache")).to.equal("sessiondb:cleanup:lock:cache");
  });

  it("puts a digest in place of a raw id", () => {
    const digest = createHash("sha256").update("raw").digest("base64url");
    const keys = createKeys();
    expect(digestId("raw")).to.equal(digest).and.to.have.length(43);
    expect(keys.sessionOf("raw")).to.equal(`session:${digest}`);
    expect(keys.refreshTokenOf("raw")).to.equal(`refresh_token:${digest}`);
    expect(keys.deletionTokenOf("raw")).to.equal(`deletion_token:${digest}`);
  });

  it("parses what it builds, under any prefix and with any id", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9:*]{0,8}$/), fc.string({ minLength: 1 }), (prefix, id) => {
        const keys = createKeys({ prefix });
        for (const kind of EXPIRING_KINDS) {
          expect(keys.parse(keys.entry(kind, id))).to.deep.equal({ kind, id });
          expect(keys.parse(keys.expirations(kind))).to.deep.equal({ kind: "expirations", of: kind });
        }
        expect(keys.parse(keys.userSessions(id))).to.deep.equal({ kind: "user_sessions", user: id });
        expect(keys.parse(keys.cache("s", id))).to.deep.equal({ kind: "cache", service: "s", key: id });
      }),
    );
  });

  it("recognises no key of anybody else", () => {
    const keys = createKeys();
    const foreign = [
      "rq:queue:default",
      "rq:job:1",
      "sess:abc",
      "spring:session:x",
      "session",
      "session:",
      ":x",
      "",
    ];
    for (const key of [
      ...foreign,
      "cache:resource",
      "cache::x",
      "cache:resource:",
      "sessiondb:cleanup:lock:cache",
    ]) {
      expect(keys.parse(key), key).to.equal(undefined);
    }
    expect(createKeys({ prefix: "app1:" }).parse("session:d")).to.equal(undefined);
    expect(keys.parse("app1:session:d")).to.equal(undefined);
  });

  it("escapes a prefix in patterns and refuses one with white space", () => {
    expect(createKeys({ prefix: "a*[b]:" }).pattern("cache")).to.equal("a\\*\\[b\\]:cache:*");
    expect(() => createKeys({ prefix: "my app:" })).to.throw(TypeError, "white space");
    expect(() => createKeys().cache("a:b", "k")).to.throw(TypeError, "colon");
  });
});
