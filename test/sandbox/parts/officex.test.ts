import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type OfficexPart, startOfficex } from "../../../sandbox/parts/officex.ts";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { startTestOfficex, type TestOfficex } from "../../support/officex.ts";

const folder = mkdtempSync(join(tmpdir(), "tollkeeper-officex-"));
const officex: TestOfficex = await startTestOfficex();
beforeEach(() => officex.fail({}));
afterAll(async () => {
  await officex.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(
  path: string,
  body: unknown,
  { part = officex, key = part.org.apiKey }: { part?: OfficexPart; key?: string } = {},
) {
  const response = await fetch(`${part.host}/v1/drive/${part.org.orgId}/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

describe("the OfficeX stand-in", () => {
  it("updates a record that was created, and says 404 for one that was not", async () => {
    expect(await call("purchases/update", { id: "PurchaseID_none", status: "RUNNING" })).toMatchObject({
      status: 404,
      answer: { err: { code: 404 } },
    });
    await officex.createRecord("PurchaseID_1");
    const updated = await call("purchases/update", { id: "PurchaseID_1", status: "RUNNING", vendor_notes: "ok" });
    expect(updated).toMatchObject({ status: 200, answer: { ok: { data: { status: "RUNNING", vendor_notes: "ok" } } } });
  });

  it.each([
    ["a short text of 257", { title: "x".repeat(257) }],
    ["notes of 1025", { vendor_notes: "x".repeat(1025) }],
    ["an address of 2049", { billing_url: `https://h.example/${"x".repeat(2049)}` }],
    ["a status OfficeX does not know", { status: "ACTIVE" }],
  ])("400: refuses %s", async (_, change) => {
    await officex.createRecord("PurchaseID_2");
    expect(await call("purchases/update", { id: "PurchaseID_2", ...change })).toMatchObject({ status: 400 });
  });

  it("401 without a key of the right form, 403 with another organisation's", async () => {
    const other = officex.addOrganisation("DriveID_other");
    const body = { id: "PurchaseID_1" };
    expect((await call("purchases/update", body, { key: "plain" })).status).toBe(401);
    expect((await call("purchases/update", body, { key: other.apiKey })).status).toBe(403);
  });

  it("fails after its work, works twice, or cuts the line, when told to", async () => {
    await officex.createRecord("PurchaseID_3");
    await officex.fail({ failAfterCommitNext: 1 });
    expect((await call("purchases/update", { id: "PurchaseID_3", status: "RUNNING" })).status).toBe(500);
    expect((await officex.told()).records.PurchaseID_3).toMatchObject({ status: "RUNNING" });
    const notice = { drive_id: officex.org.orgId, topic: "t", payload: {} };
    await officex.fail({ duplicateNext: 1 });
    await call("organization/inbox", notice);
    expect((await officex.told()).inbox.filter(({ topic }) => topic === "t")).toHaveLength(2);
    await officex.fail({ down: true });
    await expect(call("organization/inbox", notice)).rejects.toThrow();
  });

  it("remembers records, keys and faults over a restart, and shows no key", async () => {
    const file = join(folder, "state.json");
    const first = await startOfficex({ port: await freePort(), file });
    await call("purchases/create", { id: "PurchaseID_9", status: "PAID" }, { part: first });
    await fetch(first.faultsUrl, { method: "PUT", body: '{"failNext": 3}' });
    await first.stop();
    const second = await startOfficex({ port: await freePort(), file });
    expect(second.org).toEqual(first.org);
    const shown = await (await fetch(second.stateUrl)).text();
    expect(JSON.parse(shown)).toMatchObject({ faults: { failNext: 3 } });
    expect(shown).toContain("PurchaseID_9");
    expect(shown).not.toContain(Buffer.from(first.org.apiKey, "base64").toString().slice(35, 60));
    await second.stop();
  });
});
