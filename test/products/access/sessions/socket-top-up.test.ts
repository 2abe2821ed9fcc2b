import { describe, expect, it } from "vitest";
import { z } from "zod";
import { connect } from "../../../platform/sockets/socket-client.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type Payer, type PaymentWorld, signV2 } from "../payments/payment-world.ts";
import { usePaymentWorld } from "../payments/use-payment-world.ts";

const Offer = z.looseObject({ amount: z.string(), payTo: z.string() });
const Required = z.looseObject({ accepts: z.array(Offer).min(1), quoteId: z.string() });

describe.skipIf(evmMissing)("buying time in a socket", () => {
  let payer: Payer;
  let world: PaymentWorld;
  usePaymentWorld((used) => {
    ({ payer, world } = used);
  });

  const buy = async () => {
    const { assetId } = await world.sellAsset();
    const ask = (headers: Record<string, string> = {}) =>
      world.app.call(`/api/v1/access/${assetId}`, { json: {}, headers });
    const granted = await ask((await signV2(payer, await ask())).header);
    const socket = await connect(`${world.app.server.url.replace("http", "ws")}/?token=${granted.body.sessionToken}`);
    await socket.next("snapshot");
    return { assetId, socket, token: String(granted.body.sessionToken) };
  };
  const sign = async (said: unknown) => {
    const [accepted] = Required.parse(said).accepts;
    if (accepted === undefined) throw new Error("no offer");
    const payload = await payer.sign({
      to: accepted.payTo,
      units: BigInt(accepted.amount),
      validBefore: BigInt(Math.floor(Date.now() / 1000) + 120),
    });
    return { x402Version: 2, accepted, payload };
  };

  it("is offered, paid on the real chain and answered there, and every socket hears of it", async () => {
    const { assetId, socket, token } = await buy();
    socket.send({ type: "extend", units: 3, id: "e1" });
    const required = await socket.next("payment_required");
    expect(required).toMatchObject({ id: "e1", units: 3, total: "0.30", x402Version: 2 });
    socket.send({ type: "payment", id: "p1", x402Version: 2, payload: await sign(required) });
    const response = await socket.next("payment_response");
    expect(response).toMatchObject({ id: "p1", success: true, status: "granted", units: 3 });
    expect(JSON.stringify(response)).not.toContain(token);
    await expect.poll(() => socket.said.map(({ type }) => type)).toContain("extended");
    expect(await world.sessions(assetId)).toMatchObject([{ units: 4, is_extended: true }]);
    socket.socket.close();
  });

  it("takes each payment once, and refuses what is none without ending the session", async () => {
    const { assetId, socket } = await buy();
    socket.send({ type: "extend", id: "e1" });
    const payload = await sign(await socket.next("payment_required"));
    socket.send({ type: "payment", id: "p1", x402Version: 2, payload });
    await socket.next("payment_response");
    socket.send({ type: "payment", id: "p2", x402Version: 2, payload });
    await expect.poll(() => socket.said.some(({ id }) => id === "p2")).toBe(true);
    expect(await world.sessions(assetId)).toMatchObject([{ units: 2 }]);
    socket.send({ type: "payment", id: "p3", x402Version: 1, payload: { ...payload, x402Version: 2 } });
    expect(await socket.next("error")).toMatchObject({ id: "p3", code: "x402_version_mismatch", status: 400 });
    socket.send({ type: "ping" });
    await socket.next("pong");
    socket.socket.close();
  });
});
