import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN } from "../../../support/app.ts";
import { type AccessApp, dataOf, register, startAccessApp } from "../access-app.ts";

let app: AccessApp;
beforeAll(async () => {
  app = await startAccessApp();
});
afterAll(() => app.close());

it("200: each key shows its own merchant, by Bearer and by x-api-key", async () => {
  const [one, other] = [await register(app, { name: "One" }), await register(app, { name: "Other" })];
  expect(dataOf(await app.call("/api/v1/merchant", { key: one.key }))).toMatchObject({ name: "One" });
  expect(dataOf(await app.call("/api/v1/merchant", { headers: { "x-api-key": other.key } }))).toMatchObject({
    ...{ merchantId: other.id, name: "Other", wallets: { local: other.wallet } },
  });
});

it("401 and 403: no key, half a key, and the operator's token", async () => {
  const { key } = await register(app);
  const keys = ["", key.slice(0, -1), ADMIN_TOKEN];
  const answers = await Promise.all(keys.map((each) => app.call("/api/v1/merchant", { key: each })));
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 403]);
});
