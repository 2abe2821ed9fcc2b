import { expect, it } from "vitest";
import { ClientMessage, closingOf } from "../../../../src/products/access/sessions/socket-messages.ts";

it("takes what the protocol knows and nothing beside it", () => {
  for (const good of [
    { type: "auth", token: "sess_x", lastSeq: 3 },
    { type: "extend" },
    { type: "extend", units: 2, id: "e" },
    { type: "payment", x402Version: 2, payload: { a: [1] } },
    { type: "ping" },
  ])
    expect(ClientMessage.parse(good)).toEqual(good);
  for (const bad of [
    { type: "auth" },
    { type: "auth", token: "x".repeat(129) },
    { type: "auth", token: "sess_x", lastSeq: -1 },
    { type: "extend", units: 1.5 },
    { type: "extend", more: 1 },
    { type: "payment", x402Version: 3, payload: {} },
    { type: "payment", x402Version: 2, payload: [] },
    { type: "ping", id: "a\0" },
    {},
  ])
    expect(ClientMessage.safeParse(bad).success).toBe(false);
});

it("closes what has ended by how it ended, and leaves what runs", () => {
  expect(closingOf("active")).toBeNull();
  expect(closingOf("expired")).toEqual({ code: 4000, reason: "session_expired" });
  expect(closingOf("stopped")).toEqual({ code: 4000, reason: "session_stopped" });
  expect(closingOf("revoked")).toEqual({ code: 4403, reason: "session_revoked" });
});
