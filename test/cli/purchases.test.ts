import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countActions, newRequestId, park } from "../products/purchases/repairs/repair-world.ts";
import { type Sale, sell } from "../products/purchases/sales.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../support/app.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app);
});
afterAll(() => app.close());

type Ran = { readonly code: number; readonly output: string; readonly errors: string };

/** Runs the command as an operator would, against the API under test. */
async function purchases(args: readonly string[], change: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const env = { ...process.env, ADMIN_API_TOKEN: ADMIN_TOKEN, SECRETS_DIR: "/nonexistent", ...change };
  const command = ["--import", "tsx", "src/cli/purchases.ts", "--api", app.server.url, ...args];
  return promisify(execFile)(process.execPath, command, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout, errors: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout,
      errors: error.stderr,
    }),
  );
}

const signed = ["--actor", "operations", "--note", "asked by mail"];

describe("npm run purchases", () => {
  it("list: shows purchases as a table and as JSON, and what is stuck", async () => {
    const shown = await purchases(["list", "--search", sale.purchaseId]);
    expect([shown.code, shown.output]).toEqual([0, expect.stringContaining(sale.purchaseId)]);
    const { output } = await purchases(["--json", "list", "--status", "active", "--limit", "1"]);
    expect(JSON.parse(output)).toMatchObject({ purchases: [{ id: sale.purchaseId, balance: "5" }] });
    expect((await purchases(["list", "--stuck"])).output).toContain("Nothing stands still");
  });

  it("show: tells one purchase whole, with its timeline and the link to its workflow", async () => {
    const { code, output } = await purchases(["--temporal-ui", "http://ui.example", "show", sale.purchaseId]);
    expect(code).toBe(0);
    for (const text of [
      "purchase.created",
      "deposit.observed",
      "5 USD",
      "http://ui.example/namespaces/default/workflows/",
    ])
      expect(output).toContain(text);
    expect(output).not.toContain(sale.customerKey);
  });

  it("repair: says what would happen, does it once, and answers the same again", async () => {
    const { purchaseId } = await sell(app);
    await park(app, { purchaseId }, null);
    const asked = ["repair", purchaseId, "retryStep", ...signed, "--request-id", newRequestId()];
    expect(await purchases([...asked, "--dry-run"])).toMatchObject({
      code: 0,
      output: expect.stringContaining("Would"),
    });
    expect(await countActions(app, { purchaseId })).toBe(0);
    const first = await purchases(["--json", ...asked]);
    expect(JSON.parse(first.output)).toMatchObject({ action: "retryStep", subject: `purchase/${purchaseId}` });
    expect((await purchases(["--json", ...asked])).output).toBe(first.output);
    expect(await countActions(app, { purchaseId })).toBe(1);
  });
});

describe("exit codes", () => {
  it("1: a refusal, with its reason and its code, and nothing changed", async () => {
    const refused = await purchases(["repair", sale.purchaseId, "retryStep", ...signed]);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining("(not_stuck)") });
    expect(await purchases(["show", "pur_none"])).toMatchObject({ code: 1 });
    const stranger = await purchases(["list"], { ADMIN_API_TOKEN: "x".repeat(40) });
    expect(stranger).toMatchObject({ code: 1, errors: expect.stringContaining("unauthorized") });
    expect(stranger.errors).not.toContain("x".repeat(40));
  });

  it("2: no answer", async () => {
    const { code, errors } = await purchases(["--api", "http://127.0.0.1:9", "list"]);
    expect([code, errors]).toEqual([2, expect.stringContaining("does not answer")]);
  });

  it("64: wrong usage", async () => {
    expect(await purchases(["repair", sale.purchaseId, "retryStep"])).toMatchObject({ code: 64 });
    expect(await purchases(["lits"])).toMatchObject({ code: 64 });
  });

  it("78: no token; and 0 for help", async () => {
    expect(await purchases(["list"], { ADMIN_API_TOKEN: "" })).toMatchObject({
      code: 78,
      errors: expect.stringContaining("ADMIN_API_TOKEN"),
    });
    expect(await purchases(["--help"])).toMatchObject({ code: 0, output: expect.stringContaining("Exit codes") });
  });
});
