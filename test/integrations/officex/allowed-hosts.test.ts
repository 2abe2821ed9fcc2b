import { describe, expect, it } from "vitest";
import type { AllowedHost } from "../../../src/integrations/officex/allowed-hosts.ts";
import { allowedHost, parseAllowedHost } from "../../../src/integrations/officex/allowed-hosts.ts";

const list = (...entries: string[]): readonly AllowedHost[] =>
  entries.flatMap((entry) => parseAllowedHost(entry) ?? []);

describe("parseAllowedHost", () => {
  it.each([
    "",
    "*",
    "*.app",
    "https://officex.app/path",
    "officex.app:x",
    "ftp://officex.app",
    "-a.example",
    "a b",
    "*.*.a.b",
  ])("refuses %j", (entry) => expect(parseAllowedHost(entry)).toBeUndefined());
});

describe("allowedHost", () => {
  const hosts = list("officex.app", "*.officex.app", "self.example:8443", "http://127.0.0.1:3901");

  it.each([
    ["https://officex.app", "https://officex.app"],
    ["officex.app", "https://officex.app"],
    ["https://OFFICEX.app./", "https://officex.app."],
    ["https://eu.officex.app/", "https://eu.officex.app"],
    ["https://self.example:8443/base/", "https://self.example:8443/base"],
    ["http://127.0.0.1:3901", "http://127.0.0.1:3901"],
  ])("calls %s", (stated, base) => expect(allowedHost(hosts, stated)?.base).toBe(base));

  it.each([
    ...["http://officex.app", "https://officex.app:444", "https://evilofficex.app", "https://officex.app.evil.example"],
    ...[
      "https://officex.app@evil.example",
      "https://user:hush@officex.app",
      "https://self.example",
      "https://127.0.0.1:3901",
    ],
    ...[
      "http://127.0.0.1:3902",
      "http://localhost:3901",
      "http://169.254.169.254/latest",
      "https://[::1]/",
      "ftp://officex.app",
    ],
    ...[
      "https://officex.app/?key=1",
      "https://officex.app/#x",
      "",
      "javascript:1",
      `https://${"a".repeat(3000)}.officex.app`,
    ],
  ])("O01: never calls %s", (stated) => expect(allowedHost(hosts, stated)).toBeUndefined());

  it("calls nobody where nobody is listed", () => expect(allowedHost([], "https://officex.app")).toBeUndefined());
});
