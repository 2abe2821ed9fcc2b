import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBuiltInCatalogue } from "../../src/products/purchases/offers.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "offers-"));

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

function offers(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, DATABASE_URL: test.applicationUrl, SECRETS_DIR: "/nonexistent" };
    const command = ["--import", "tsx", join(root, "src/cli/offers.ts"), ...args];
    execFile(process.execPath, command, { cwd: root, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("check", () => {
  it("finds the built-in catalogue sound, in words and as JSON", async () => {
    expect(await offers("check")).toMatchObject({ code: 0, out: expect.stringContaining("Nothing is wrong") });
    expect(JSON.parse((await offers("--json", "check")).out)).toEqual({ ok: true, problems: [] });
  });

  it("says one line per problem and ends with 1", async () => {
    const built = readBuiltInCatalogue();
    const [offer] = built.offers;
    const bad = { ...built, offers: [offer, { ...offer, title: "" }] };
    const { code, err } = await offers("check", file("bad.json", bad));
    expect(code).toBe(1);
    expect(err.trim().split("\n")).toEqual([expect.stringMatching(/^offers\[1\]\.title is ""; expected /)]);
    const twice = await offers("--json", "check", file("twice.json", { ...built, offers: [offer, offer] }));
    expect(twice.code).toBe(1);
    expect(JSON.parse(twice.out)).toMatchObject({ ok: false, problems: [{ path: "offers[1].id" }, {}, {}] });
  });

  it("says what is wrong with a file that is none, without a stack", async () => {
    for (const path of ["/nonexistent/offers.json", file("broken.json", "{"), folder]) {
      const { code, err } = await offers("check", path);
      expect([code, err.trim().split("\n").length]).toEqual([1, 1]);
      expect(err).toContain("expected a JSON file");
    }
  });

  it("prints the JSON Schema", async () => {
    expect(JSON.parse((await offers("check", "--schema")).out)).toMatchObject({ type: "object" });
  });
});

describe("apply", () => {
  it("sells what the file says and shows what changed; a bad file changes nothing", async () => {
    const built = readBuiltInCatalogue();
    expect(await offers("apply")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/offer.+aws-s3-storage.+added/),
    });
    const mine = file("mine.json", { ...built, offers: built.offers.map((offer) => ({ ...offer, title: "Mine" })) });
    expect(JSON.parse((await offers("--json", "apply", mine)).out)).toMatchObject({
      changes: [{ what: "offer", id: "aws-s3-storage", change: "changed", members: ["title"] }, {}, {}],
    });
    expect((await offers("apply", file("empty.json", { offers: [] }))).code).toBe(1);
    expect(JSON.parse((await offers("--json", "apply", mine)).out)).toMatchObject({
      changes: [{ change: "unchanged" }, {}, {}],
    });
  });
});

it("explains itself", async () => {
  const { out } = await offers("--help");
  for (const word of ["check", "apply", "--json", "--sandbox"]) expect(out).toContain(word);
});
