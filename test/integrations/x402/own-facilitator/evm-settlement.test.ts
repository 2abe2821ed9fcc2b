import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import type { Facilitator } from "../../../../src/integrations/x402/facilitator.ts";
import { openHttpFacilitator } from "../../../../src/integrations/x402/http-facilitator.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { startTestFacilitator } from "../../../support/facilitator.ts";
import { openEvmPayments, type TestPayments } from "../../../support/x402-payers.ts";

describe.skipIf(evmMissing)("our facilitator on EVM", () => {
  let test: TestDatabase;
  let evm: EvmPart;
  let payments: TestPayments;
  const seed = randomBytes(32);

  beforeAll(async () => {
    [test, evm] = await Promise.all([createTestDatabase(), startTestEvm()]);
    payments = await openEvmPayments(evm);
  });
  afterAll(async () => {
    await evm.stop();
    await test.drop();
  });

  const start = async (confirmMs?: number, rpcUrl = evm.rpc) => {
    const own = await startTestFacilitator({
      databaseUrl: test.applicationUrl,
      networks: [{ ...payments, rpcUrl }],
      seed,
      ...(confirmMs === undefined ? {} : { confirmMs }),
      fund: ({ evm: wallet }) => payments.fund(wallet),
    });
    return { ...own, client: openHttpFacilitator({}, { name: "own", url: own.url }) };
  };
  const rpc = async (method: string, ...params: readonly unknown[]) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(evm.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    return JSON.parse(await answer.text()).result;
  };

  it("X02: what was sent and not confirmed is pending, and another process answers what became of it", async () => {
    await rpc("evm_setAutomine", false);
    const first = await start(300);
    const call = await payments.sign({});
    const pending = await first.client.settle(call);
    expect(pending).toMatchObject({ kind: "unknown", transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    await first.stop();
    await evm.mine(1);
    await rpc("evm_setAutomine", true);
    const second = await start();
    const { transaction } = pending.kind === "unknown" ? pending : { transaction: "" };
    const before = await payments.received();
    expect(await settledIn(second.client, call)).toMatchObject({ kind: "settled", transaction });
    expect([before, await payments.received()]).toEqual([100_000n, 100_000n]);
    await second.stop();
  });

  it("two processes share one wallet: twenty payments at once, and each nonce is used once", async () => {
    const [left, right] = await Promise.all([start(), start()]);
    const calls = await Promise.all(Array.from({ length: 20 }, () => payments.sign({})));
    const before = await payments.received();
    const outcomes = await Promise.all(
      calls.map((call, index) => (index % 2 === 0 ? left : right).client.settle(call)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(calls.map(() => "settled"));
    expect((await payments.received()) - before).toBe(2_000_000n);
    expect(await rpc("eth_getTransactionCount", left.feePayers.evm, "pending")).toBe(
      await rpc("eth_getTransactionCount", left.feePayers.evm, "latest"),
    );
    await Promise.all([left.stop(), right.stop()]);
  });

  it("goes on when somebody else used the wallet's nonces, and leaves no gap", async () => {
    const own = await start();
    await rpc("anvil_setNonce", own.feePayers.evm, "0x100");
    expect(await own.client.settle(await payments.sign({}))).toMatchObject({ kind: "settled" });
    expect(await own.client.settle(await payments.sign({}))).toMatchObject({ kind: "settled" });
    await own.stop();
  });

  it("sends what the node lost once more, under the same hash", async () => {
    const node = await startForgetfulNode(evm.rpc);
    const own = await start(20_000, node.url);
    node.forgetNextSending();
    const outcome = await own.client.settle(await payments.sign({}));
    expect(outcome).toMatchObject({ kind: "settled" });
    expect(node.sendings()).toBeGreaterThan(1);
    await own.stop();
    await node.stop();
  });

  it("never serves a network whose node is of another chain", async () => {
    const other = { ...payments.network, id: "eip155:8453", caip2: "eip155:8453" };
    const own = await startTestFacilitator({
      databaseUrl: test.applicationUrl,
      networks: [{ network: other, rpcUrl: evm.rpc }],
    });
    expect(await openHttpFacilitator({}, { name: "own", url: own.url }).supported()).toEqual([]);
    await own.stop();
  });

  it("asks for its token where it has one", async () => {
    const token = "the-token-of-these-tests-0001";
    const own = await startTestFacilitator({ databaseUrl: test.applicationUrl, networks: [payments], token });
    const without = openHttpFacilitator({}, { name: "own", url: own.url });
    await expect(without.supported()).rejects.toMatchObject({ code: "facilitator_unusable" });
    expect((await without.settle(await payments.sign({}))).kind).toBe("not_sent");
    const headers = async () => ({ authorization: `Bearer ${token}` });
    const withToken = openHttpFacilitator({}, { name: "own", url: own.url, headers });
    expect(await withToken.supported()).toHaveLength(1);
    await own.stop();
  });
});

/** Asks until nobody else is at it. */
async function settledIn(client: Facilitator, call: Parameters<Facilitator["settle"]>[0]) {
  const until = performance.now() + 20_000;
  for (;;) {
    const outcome = await client.settle(call);
    if (outcome.kind === "settled" || performance.now() > until) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A node in front of the chain that can say it took a transaction and lose it. */
async function startForgetfulNode(rpc: string) {
  let forget = false;
  let sendings = 0;
  const relay = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString();
    const isSending = body.includes("eth_sendRawTransaction");
    if (isSending) sendings += 1;
    response.setHeader("content-type", "application/json");
    if (isSending && forget) {
      forget = false;
      return void response.end(
        JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(body).id, result: `0x${"00".repeat(32)}` }),
      );
    }
    const answer = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    response.end(await answer.text());
  };
  const server = createServer((request, response) => void relay(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    forgetNextSending: () => {
      forget = true;
    },
    sendings: () => sendings,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
