import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessApp, startAccessApp } from "../access-app.ts";

describe("POST /api/v1/access/sessions/:token/extend", () => {
  let app: AccessApp;

  beforeAll(async () => {
    app = await startAccessApp();
  });
  afterAll(() => app?.close());

  it("is 404 for a token nobody has, and does not repeat the token", async () => {
    const token = `sess_${"B".repeat(43)}`;
    const reply = await app.call(`/api/v1/access/sessions/${token}/extend`, { json: { additionalAmount: "0.50" } });
    expect(reply.status).toBe(404);
    expect(JSON.stringify(reply.body)).not.toContain(token);
  });
});
