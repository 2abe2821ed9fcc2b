import { afterAll, beforeAll, expect, it } from "vitest";
import { findList, listLists, replaceLists } from "../../../../src/products/purchases/appstore/appstore-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const hints = { keywords: ["a"], countries: ["DE"], professions: [], preferences: [] };
const list = (id: string) => ({ id, title: id, description: "d", hints, offerIds: ["b", "a"] });

it("puts up exactly the lists it is given, in their order, and a list that came down comes up again", async () => {
  await replaceLists(app.database, [list("one"), list("two")]);
  expect(await listLists(app.database)).toEqual([list("one"), list("two")]);
  await replaceLists(app.database, [list("two")]);
  expect(await listLists(app.database)).toEqual([list("two")]);
  expect(await findList(app.database, "one")).toBeNull();
  await replaceLists(app.database, [list("two"), list("one")]);
  expect(await listLists(app.database)).toEqual([list("two"), list("one")]);
  expect(await findList(app.database, "one")).toEqual(list("one"));
});
