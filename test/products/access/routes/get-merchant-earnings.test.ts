import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const PATH = "/api/v1/merchant/earnings";
const YEAR = "from=2026-01-01&to=2027-01-01";

async function soldTwice() {
  const seller = await app.seller();
  await seller.sell({ units: 1_000_000n, at: new Date("2026-05-01T10:00:00Z") });
  await seller.sell({ units: 3_000_000n, at: new Date("2026-05-02T10:00:00Z") });
  return seller;
}

describe("200", () => {
  it("sums the range, whatever page is shown", async () => {
    const { key } = await soldTwice();
    const first = await app.call(`${PATH}?${YEAR}&limit=1`, { key });
    expect(first).toMatchObject({
      status: 200,
      body: {
        status: "success",
        data: {
          from: "2026-01-01T00:00:00.000Z",
          totals: { payments: 2, gross: "4", fee: "0.08", net: "3.92", earned: "3.92" },
          rows: [{ groupBy: "day", key: "2026-05-01", grossUnits: "1000000", feeUnits: "20000", netUnits: "980000" }],
        },
      },
    });
    const cursor = Object(first.body.data).nextCursor;
    expect(await app.call(`${PATH}?${YEAR}&limit=1&cursor=${cursor}`, { key })).toMatchObject({
      body: { data: { totals: { payments: 2 }, rows: [{ key: "2026-05-02" }], nextCursor: null } },
    });
  });

  it("is a CSV where the query or the Accept header asks for one", async () => {
    const { key } = await soldTwice();
    const read = async (query: string, accept: string) => {
      const headers = { authorization: `Bearer ${key}`, accept };
      const response = await fetch(`${app.server.url}${PATH}?${YEAR}${query}`, { headers });
      return { type: response.headers.get("content-type"), text: await response.text() };
    };
    const asked = await read("&format=csv", "application/json");
    expect(asked.type).toBe("text/csv; charset=utf-8");
    const [head, first, second] = asked.text.trim().split(/\r?\n/);
    expect(head).toMatch(/^day,network,token,payments,gross,fee,net,/);
    expect([first, second]).toEqual([
      expect.stringMatching(/^2026-05-01,solana:local,USDC,1,1,0.02,0.98,/),
      expect.stringMatching(/^2026-05-02,/),
    ]);
    expect((await read("", "text/csv")).text).toBe(asked.text);
    expect((await read("&format=json", "text/csv")).type).toMatch(/^application\/json/);
  });
});

describe("refusals", () => {
  it.each([
    ["from=2026-05-02&to=2026-05-02", "earnings_range_invalid"],
    ["from=2020-01-01&to=2026-05-02", "earnings_range_invalid"],
    [`${YEAR}&cursor=nonsense`, "earnings_cursor_invalid"],
    ["groupBy=payer", "invalid_request"],
    ["from=1999-12-31", "invalid_request"],
    ["limit=1001", "invalid_request"],
  ])("400 for %s: %s", async (query, code) => {
    const { key } = await app.seller();
    expect(await app.call(`${PATH}?${query}`, { key })).toMatchObject({ status: 400, body: { code } });
  });

  it("401 without a key, 403 with the operator's", async () => {
    expect((await app.call(PATH)).status).toBe(401);
    expect((await app.call(PATH, { key: app.adminToken })).status).toBe(403);
  });
});
