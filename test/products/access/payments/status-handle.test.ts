import { describe, expect, it } from "vitest";
import { newId } from "../../../../src/platform/ids.ts";
import { readStatusHandle, statusHandleOf } from "../../../../src/products/access/payments/status-handle.ts";

const needs = { masterKey: Buffer.alloc(32, 7) };

describe("the handle a payer asks for its payment by", () => {
  it("is the payer's only with the part that the server made", () => {
    const paymentId = newId("apy");
    const handle = statusHandleOf(needs, paymentId);
    expect(readStatusHandle(needs, handle)).toEqual({ paymentId, isPayer: true });
    expect(readStatusHandle(needs, paymentId)).toEqual({ paymentId, isPayer: false });
  });

  it("names nothing when that part is another payment's or another server's", () => {
    const handle = statusHandleOf(needs, newId("apy"));
    expect(readStatusHandle(needs, `${newId("apy")}.${handle.split(".")[1]}`)).toBeNull();
    expect(readStatusHandle({ masterKey: Buffer.alloc(32, 8) }, handle)).toBeNull();
    expect(readStatusHandle(needs, "apy")).toBeNull();
  });
});
