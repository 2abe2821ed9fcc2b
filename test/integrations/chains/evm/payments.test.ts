import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import { openEvmChain } from "../../../../src/integrations/chains/evm/chain.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import type { PaymentReader, SignedTransfer } from "../../../../src/integrations/chains/payments.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { type EvmPayload, openEvmPayer } from "../../../support/signed-transfers.ts";

describe.skipIf(evmMissing)("payments on an EVM chain", () => {
  let evm: EvmPart;
  let payer: Awaited<ReturnType<typeof openEvmPayer>>;
  let reader: PaymentReader;
  const merchant = Wallet.createRandom().address;

  beforeAll(async () => {
    evm = await startTestEvm();
    payer = await openEvmPayer(evm);
    const chain = openEvmChain({ network: localNetwork({ usdc: evm.usdc }), rpcUrl: evm.rpc });
    if (chain.payments === undefined) throw new Error("payments are read on EVM");
    reader = chain.payments;
  });
  afterAll(async () => {
    payer?.close();
    await evm?.stop();
  });

  const signedOf = ({ authorization }: EvmPayload): SignedTransfer => ({
    kind: "evm",
    token: evm.usdc,
    payer: authorization.from,
    nonce: authorization.nonce,
    validBefore: BigInt(authorization.validBefore),
    since: new Date(),
  });

  /** Blocks two seconds apart. */
  const mineSlowly = async (blocks: number) => {
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "anvil_mine",
      params: [`0x${blocks.toString(16)}`, "0x2"],
    });
    await fetch(evm.rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  };

  it("says who gained and lost what, when, and by which authorization", async () => {
    const payload = await payer.sign({ to: merchant, units: 250_000n });
    const transaction = await payer.submit(payload);
    const landed = await reader.readLanded(transaction.toUpperCase().replace("0X", "0x"));
    expect(landed).toMatchObject({
      transaction,
      succeeded: true,
      credits: [{ token: evm.usdc, owner: merchant, amountUnits: 250_000n }],
      debits: [{ token: evm.usdc, owner: payer.address, amountUnits: 250_000n }],
      authorizations: [
        {
          ...{ token: evm.usdc, authorizer: payer.address, nonce: payload.authorization.nonce },
          transfer: { to: merchant, amountUnits: 250_000n },
        },
      ],
      messageHash: null,
    });
    expect(Math.abs((landed?.at.getTime() ?? 0) - Date.now())).toBeLessThan(3_600_000);
  });

  it("finds a signed transfer by its nonce, however many blocks came after it", async () => {
    const payload = await payer.sign({ to: merchant, units: 1n });
    expect(await reader.findTransfer(signedOf(payload))).toEqual({ kind: "absent" });
    const transaction = await payer.submit(payload);
    await evm.mine(1_100);
    expect(await reader.findTransfer(signedOf(payload))).toEqual({ kind: "landed", transaction });
  });

  it("X09: knows an authorization that its payer took back, and one whose use is too long ago to be meant", async () => {
    const payload = await payer.sign({ to: merchant, units: 1n });
    const transaction = await payer.cancel(payload);
    expect(await reader.findTransfer(signedOf(payload))).toEqual({ kind: "canceled", transaction });
    await evm.mine(600);
    const later = new Date(Date.now() + 365 * 86_400_000);
    expect(await reader.findTransfer({ ...signedOf(payload), since: later })).toEqual({ kind: "spent" });
  });

  it("says that a transfer cannot land any more only once blocks of that time are as deep as asked", async () => {
    const now = (await reader.readLanded(await payer.submit(await payer.sign({ to: merchant, units: 1n }))))?.at;
    const validBefore = BigInt(Math.floor((now?.getTime() ?? 0) / 1000) + 2);
    const signed = { ...signedOf(await payer.sign({ to: merchant, units: 1n })), validBefore };
    expect(await reader.canStillLand(signed, 1)).toBe(true);
    await mineSlowly(2);
    expect(await reader.canStillLand(signed, 1)).toBe(false);
    expect(await reader.canStillLand(signed, 3)).toBe(true);
    await mineSlowly(2);
    expect(await reader.canStillLand(signed, 3)).toBe(false);
  });

  it("has not seen what is no transaction, is not its own kind, or is in no block", async () => {
    expect(await reader.readLanded(`0x${"ab".repeat(32)}`)).toBeUndefined();
    for (const odd of ["", "0x12", "5".repeat(88)]) expect(await reader.readLanded(odd)).toBeUndefined();
    const solana = { kind: "solana", token: "", payer: "", transaction: "", since: new Date() } as const;
    await expect(reader.findTransfer(solana)).rejects.toThrow("on an EVM chain");
  });

  it("compares a token with what it says of itself", async () => {
    const token = { address: evm.usdc, decimals: 6, eip712: { name: "USD Coin", version: "2" } };
    expect(await reader.whyNotToken(token)).toBeUndefined();
    expect(await reader.whyNotToken({ ...token, decimals: 18 })).toContain("6 decimals, not 18");
    expect(await reader.whyNotToken({ ...token, eip712: { name: "USDC", version: "2" } })).toContain("signing domain");
    expect(await reader.whyNotToken({ ...token, eip712: { name: "USD Coin", version: "1" } })).toContain(
      "signing domain",
    );
    expect(await reader.whyNotToken({ ...token, address: merchant })).toContain("no contract");
    expect(await reader.whyNotToken({ address: evm.usdt, decimals: 6 })).toBeUndefined();
  });
});
