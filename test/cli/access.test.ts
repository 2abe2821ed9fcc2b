import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeesApp, startFeesApp } from "../products/access/fees/fees-app.ts";
import { sessionRows } from "../products/access/sessions/session-world.ts";
import { ADMIN_TOKEN } from "../support/app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app?.close());

type Ran = { readonly code: number; readonly output: string; readonly errors: string };

/** Runs the command as an operator would, against the API under test. */
async function access(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, ADMIN_API_TOKEN: ADMIN_TOKEN, SECRETS_DIR: "/nonexistent" };
  const command = ["--import", "tsx", "src/cli/access.ts", "--api", app.server.url, ...args];
  return promisify(execFile)(process.execPath, command, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout, errors: stderr }),
    ({ code, stdout, stderr }) => ({ code, output: stdout, errors: stderr }),
  );
}

const signed = ["--actor", "operations", "--note", "asked by mail"];
const json = async (...args: readonly string[]) => JSON.parse((await access("--json", ...args)).output);

describe("npm run access", () => {
  it("has every list, as text and as JSON, and explains itself", async () => {
    for (const name of ["merchants", "sessions", "payments", "log", "invoices", "payouts", "balances"])
      expect(await json(name), name).toHaveProperty("nextCursor");
    expect(await access("sessions")).toMatchObject({ code: 0, output: "No session.\n", errors: "" });
    const help = await access("log", "--help");
    expect(help).toMatchObject({ code: 0, output: expect.stringMatching(/--cursor.*--payment-id/s) });
  });

  it("narrows a list by what was asked for, page by page", async () => {
    const [{ merchantId }, other] = [await app.seller(), await app.seller()];
    const found = await access("merchants", "--search", merchantId);
    expect(found.output).toContain(merchantId);
    expect(found.output).not.toContain(other.merchantId);
    const first = await json("merchants", "--limit", "1");
    const second = await json("merchants", "--limit", "1", "--cursor", first.nextCursor);
    // Made within a millisecond of each other, either may be the newer one.
    const pages = [first, second].map(({ data }) => data[0].merchantId);
    expect(pages.sort()).toEqual([merchantId, other.merchantId].sort());
  });

  it("terms: sets what was said, leaves the rest, and gives the rate back to the tiers", async () => {
    const { merchantId } = await app.seller();
    const set = await json("terms", merchantId, "--fee", "150", "--refunds-unused", "true", ...signed);
    expect(set.data).toMatchObject({ merchantId, feeBasisPoints: 150, refundsUnused: true, isActive: true });
    const back = await access("terms", merchantId, "--fee", "default", "--sells", "false", ...signed);
    expect(back).toMatchObject({ code: 0, errors: expect.stringContaining("request id req_") });
    const [row] = (await json("merchants", "--search", merchantId)).data;
    expect(row).toMatchObject({ feeBasisPoints: null, refundsUnused: true, isActive: false });
  });

  it("new-key: prints the key alone, and the same one under the same request id", async () => {
    const { merchantId, key } = await app.seller();
    const asked = ["new-key", merchantId, ...signed, "--request-id", crypto.randomUUID()];
    const { output } = await access(...asked);
    expect(output).toMatch(/^sk_(live|test)_[\w-]{43}\n$/);
    expect((await access(...asked)).output).toBe(output);
    expect(await app.call("/api/v1/merchant", { key })).toMatchObject({ status: 401 });
    expect(await app.call("/api/v1/merchant", { key: output.trim() })).toMatchObject({ status: 200 });
  });

  it("invoice-paid: books it once; run-payouts: says that nothing is due", async () => {
    const { merchantId, invoiceId } = await app.invoiced();
    const paid = ["invoice-paid", invoiceId, "--reference", "line 7", ...signed];
    expect([(await access(...paid)).output, (await access(...paid)).output].join("")).toMatch(/paid.*paid/s);
    const { invoices } = await json("invoices", "--merchant-id", merchantId);
    expect(invoices).toMatchObject([{ id: invoiceId, status: "paid", reference: "line 7" }]);
    expect((await access("run-payouts", ...signed)).output).toContain("No payout is due");
  });

  it("repair: says what would happen, does it once, and answers the same again", async () => {
    const { session } = await sessionRows(app).sell();
    const asked = ["repair", session.id, "extendSession", "--seconds", "60", ...signed, "--request-id", session.id];
    expect((await access(...asked, "--dry-run")).output).toMatch(/^Would happen: It runs until /);
    const first = await access("--json", ...asked);
    expect(JSON.parse(first.output)).toMatchObject({ subject: `access-session/${session.id}` });
    expect((await access("--json", ...asked)).output).toBe(first.output);
    const ended = await access("repair", session.id, "revokeSession", "--keep-money", ...signed);
    expect(ended.output).toContain("0 USD");
    const { sessions } = await json("sessions", "--status", "revoked");
    expect(sessions).toMatchObject([{ sessionId: session.id }]);
  });
});

describe("exit codes", () => {
  it("1: a refusal with its code, and nothing changed", async () => {
    const refused = [
      [["terms", "mer_none", "--fee", "1", ...signed], "(merchant_not_found)"],
      [["terms", "mer_none", "--fee", "much", ...signed], "(invalid_request)"],
      [["repair", "apy_none", "lookAgain", ...signed], "(payment_not_found)"],
      [["sessions", "--status", "gone"], "(invalid_request)"],
    ] as const;
    for (const [args, code] of refused)
      expect(await access(...args)).toMatchObject({ code: 1, errors: expect.stringContaining(code) });
  });

  it("64: a repair of what nobody repairs here, and one that nobody signs", async () => {
    for (const args of [["repair", "pur_1", "lookAgain", ...signed], ["repair", "apy_1", "lookAgain"], ["lits"]])
      expect(await access(...args)).toMatchObject({ code: 64, output: "" });
  });
});
