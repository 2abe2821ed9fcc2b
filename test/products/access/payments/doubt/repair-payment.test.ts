import { afterAll, expect, it } from "vitest";
import { repairPayment } from "../../../../../src/products/access/payments/doubt/repair-payment.ts";
import { EVM, startDoubtWorld } from "./doubt-world.ts";

const world = await startDoubtWorld({});
afterAll(() => world.close());

it("changes nothing on anybody's word while the node does not answer, and leaves the request id free for what is done", async () => {
  const facts = {
    network: EVM,
    payTo: "0xTo",
    payer: "0xFrom",
    payload: null,
    payloadKey: "0xab",
    transaction: "0xab",
  };
  const { id } = await world.submit(facts);
  const signed = { requestId: "r1", actor: "operations", note: "" };
  const repair = (request: object) => repairPayment(world.needs, { paymentId: id, request: { ...signed, ...request } });
  await expect(repair({ action: "recordSettled", transaction: "0xab" })).rejects.toMatchObject({
    ...{ code: "settlement_not_proven", members: { reason: "not_seen" } },
  });
  await expect(repair({ action: "recordFailed" })).rejects.toMatchObject({ code: "settlement_not_proven" });
  await expect(repair({ action: "recordSettled" })).rejects.toMatchObject({ code: "invalid_repair" });
  expect(await world.payment(id)).toMatchObject({ status: "submitted" });
  expect(await repair({ action: "lookAgain" })).toMatchObject({ requestId: "r1", data: { status: "submitted" } });
  await expect(repair({ action: "recordFailed" })).rejects.toMatchObject({ code: "request_id_reused" });
});
