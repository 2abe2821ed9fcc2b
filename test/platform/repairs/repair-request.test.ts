import { expect, it } from "vitest";
import { z } from "zod";
import { parseRepair, RepairSignature } from "../../../src/platform/repairs/repair-request.ts";

const Signed = z.strictObject(RepairSignature);
const signed = { requestId: "r1", actor: "operations", note: "" };

it("takes who, why and the request id, and nothing that no column keeps", () => {
  expect(parseRepair(Signed, signed)).toEqual(signed);
  for (const [member, value] of [
    ["requestId", ""],
    ["actor", "a\0b"],
    ["note", "x".repeat(501)],
    ["more", "unknown"],
  ] as const) {
    expect(() => parseRepair(Signed, { ...signed, [member]: value })).toThrow(
      expect.objectContaining({ code: "invalid_repair" }),
    );
  }
});

it("names each wrong member", () => {
  const issues = ["requestId", "actor", "note"].map((path) => expect.objectContaining({ path }));
  expect(() => parseRepair(Signed, { note: 5 })).toThrow(expect.objectContaining({ members: { issues } }));
});
