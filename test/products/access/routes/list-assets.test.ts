import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessApp, addAsset, register, rowsOf, startAccessApp, type TestMerchant } from "../access-app.ts";
import { sellSession } from "../sold-session.ts";

let app: AccessApp;
let merchant: TestMerchant;
let ids: readonly string[];
beforeAll(async () => {
  app = await startAccessApp();
  merchant = await register(app);
  const added: string[] = [];
  for (let place = 0; place < 7; place += 1) {
    const body = {
      ...{ name: `Rig ${place}`, type: place % 2 === 0 ? "gpu" : "printer", pricePerUnit: `0.${place + 1}` },
      ...(place === 3 ? { status: "maintenance" } : {}),
      ...(place === 4 ? { unit: "day" } : {}),
    };
    added.push((await addAsset(app, merchant, body)).id);
  }
  ids = added.toReversed();
});
afterAll(() => app.close());

const list = (query = "") => app.call(`/api/v1/assets${query}`);
const names = async (query: string) => rowsOf(await list(query)).map(({ name }) => name);

describe("200", () => {
  it("shows everybody's assets, newest first, without a key", async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(rowsOf({ status, headers: new Headers(), body }).map(({ assetId }) => assetId)).toEqual(ids);
    expect(body).toMatchObject({ status: "success", nextCursor: null, message: "Newest first." });
  });

  it("pages by cursor without a gap while assets are added, and by offset", async () => {
    const seen: unknown[] = [];
    let cursor: unknown = null;
    const other = await register(app);
    for (let page = 0; page < 9; page += 1) {
      const answer = await list(`?limit=3&merchant=${merchant.id}${cursor === null ? "" : `&cursor=${cursor}`}`);
      seen.push(...rowsOf(answer).map(({ assetId }) => assetId));
      cursor = answer.body.nextCursor;
      await addAsset(app, other);
      if (cursor === null) break;
    }
    expect(seen).toEqual(ids);
    const second = rowsOf(await list(`?limit=3&offset=3&merchant=${merchant.id}`)).map(({ assetId }) => assetId);
    expect(second).toEqual(ids.slice(3, 6));
    expect(rowsOf(await list("?offset=10000"))).toEqual([]);
  });

  it("narrows by type, unit, status, merchant and price", async () => {
    const mine = `&merchant=${merchant.id}`;
    expect(await names(`?type=printer${mine}`)).toEqual(["Rig 5", "Rig 3", "Rig 1"]);
    expect(await names(`?unit=day${mine}`)).toEqual(["Rig 4"]);
    expect(await names(`?status=maintenance${mine}`)).toEqual(["Rig 3"]);
    expect(await names(`?maxPrice=0.2${mine}`)).toEqual(["Rig 1", "Rig 0"]);
    await sellSession(app, ids[0] ?? "");
    expect(await names(`?status=occupied${mine}`)).toEqual(["Rig 6"]);
    expect(await names(`?status=available&type=gpu${mine}`)).toEqual(["Rig 4", "Rig 2", "Rig 0"]);
    expect(await names("?merchant=mer_nobody")).toEqual([]);
  });
});

describe("400 invalid_request", () => {
  it.each([
    ...["limit=0", "limit=201", "limit=x", "offset=-1", "offset=10001", "type=car", "status=free", "unit=year"],
    ...["maxPrice=0", "maxPrice=1e3", "cursor=';DROP", "cursor=", "cursor=a&offset=1", "owner=me", "type=gpu&type=iot"],
  ])("for ?%s", async (query) => {
    expect(await list(`?${query}`)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});
