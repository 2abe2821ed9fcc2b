import { Keypair } from "@solana/web3.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askSurfnet, LOCAL_USDC_MINT } from "../../../../sandbox/parts/surfnet.ts";
import type { AccountIndex, Chain } from "../../../../src/integrations/chains/chain.ts";
import { encodeBase58 } from "../../../../src/integrations/chains/solana/base58.ts";
import { openSolanaChain } from "../../../../src/integrations/chains/solana/chain.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { tokenAccountOf } from "../../../../src/integrations/chains/solana/token-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../support/solana.ts";

const TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
const setting = { cluster: "local", shortName: "solana", nativePrice: nanodollars(150_000_000_000n) } as const;
const network = solanaNetwork({ ...setting, usdc: LOCAL_USDC_MINT });
const newWallet = () => Keypair.generate().publicKey.toBase58();

/** Reads an owner again until no fork can take back what was read; answers its cursor. */
async function untilSettled(accounts: AccountIndex, owner: string) {
  for (;;) {
    const { cursor, isSettled } = await accounts.readArrivals({ owner, cursor: {} });
    if (isSettled) return cursor;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.skipIf(solanaMissing)("a Solana chain", () => {
  let solana: TestSolana;
  let chain: Chain;
  let accounts: AccountIndex;

  beforeAll(async () => {
    solana = await startTestSolana();
    chain = openSolanaChain({ network, rpcUrl: solana.rpc });
    if (chain.accounts === undefined) throw new Error("Solana answers by account");
    accounts = chain.accounts;
  });
  afterAll(() => solana?.stop());

  it("counts what arrived in the wallet's token account, with its sender, in a block the node stands by", async () => {
    const owner = newWallet();
    const signature = await solana.customer.pay({ to: owner, units: 5_000_000n });
    const { transfers } = await accounts.readArrivals({ owner, cursor: {} });
    expect(transfers).toMatchObject([
      {
        token: LOCAL_USDC_MINT,
        from: solana.customer.address,
        to: owner,
        amountUnits: 5_000_000n,
        transactionHash: signature,
      },
    ]);
    const receipt = await chain.readReceipt(signature);
    expect(receipt).toMatchObject({ succeeded: true, gasUsed: 1n });
    expect(receipt?.transfers).toMatchObject([{ to: owner, amountUnits: 5_000_000n }]);
    expect(receipt?.block.hash).toBe(await chain.readBlockHash(receipt?.block.number ?? -1));
    expect(await chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner })).toBe(5_000_000n);
  });

  it("knows what an account held at the end of an earlier slot", async () => {
    const owner = newWallet();
    const slots: number[] = [];
    for (const units of [2n, 3n]) {
      const receipt = await chain.readReceipt(await solana.customer.pay({ to: owner, units }));
      slots.push(receipt?.block.number ?? -1);
    }
    const [first = -1, second = -1] = slots;
    const at = (atBlock: number) => chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner, atBlock });
    expect([await at(first - 1), await at(first), await at(second - 1), await at(second)]).toEqual([0n, 2n, 2n, 5n]);
  });

  it("reads final transfers once and those a fork may take back again, and names each transfer of one transaction apart", async () => {
    const [one, two] = [newWallet(), newWallet()];
    await solana.customer.pay({ to: one, units: 1n });
    const cursor = await untilSettled(accounts, one);
    expect((await accounts.readArrivals({ owner: one, cursor })).transfers).toEqual([]);
    const signature = await solana.customer.payTogether([
      { to: one, units: 2n },
      { to: two, units: 3n },
      { to: one, units: 4n },
    ]);
    const { transfers } = await accounts.readArrivals({ owner: one, cursor });
    expect(transfers.map(({ amountUnits }) => amountUnits)).toEqual([6n]);
    const receipt = await chain.readReceipt(signature);
    expect(new Set(receipt?.transfers.map(({ logIndex }) => logIndex)).size).toBe(2);
  });

  it("says by one text per owner whether anything changed", async () => {
    const [quiet, paid] = [newWallet(), newWallet()];
    const many = Array.from({ length: 150 }, newWallet);
    const before = await accounts.readHoldings([quiet, paid, ...many]);
    expect(before).toHaveLength(152);
    await solana.customer.pay({ to: paid, units: 7n });
    const after = await accounts.readHoldings([quiet, paid, ...many]);
    expect([after[0], after[1]]).toEqual([before[0], "7"]);
  });

  it("leaves Token-2022 out: such an account is no holding and no deposit", async () => {
    const owner = newWallet();
    const data = Buffer.alloc(165);
    data.writeBigUInt64LE(9n, 64);
    const account = {
      lamports: 2_039_280,
      data: data.toString("hex"),
      owner: TOKEN_2022,
      executable: false,
      rentEpoch: 0,
    };
    await askSurfnet(solana.rpc, "surfnet_setAccount", [tokenAccountOf({ owner, mint: LOCAL_USDC_MINT }), account]);
    expect(await chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner })).toBe(0n);
    expect(await accounts.readHoldings([owner])).toEqual([""]);
  });

  it("says nothing of blocks to come, and finds no transaction that never was", async () => {
    const head = await chain.readHead();
    const nowhere = encodeBase58(new Uint8Array(64).fill(7));
    expect(await chain.readBlockHash(head.number + 10_000)).toBeUndefined();
    expect(await chain.readReceipt(nowhere)).toBeUndefined();
    expect(await chain.isTransactionKnown(nowhere)).toBe(false);
  });

  it("refuses a node of another cluster before it says anything", async () => {
    const mainnet = openSolanaChain({ network: solanaNetwork({ ...setting, cluster: "mainnet" }), rpcUrl: solana.rpc });
    await expect(mainnet.readHead()).rejects.toMatchObject({ code: "chain_id_mismatch" });
    await expect(mainnet.readNativeBalance(newWallet())).rejects.toMatchObject({ code: "chain_id_mismatch" });
  });

  it("gives its genesis, by which a local chain that began anew is noticed", async () => {
    expect(await accounts.readGenesis()).toBe(await askSurfnet(solana.rpc, "getGenesisHash"));
  });

  it("finds a token account where the chain has it", async () => {
    const owner = newWallet();
    await solana.customer.pay({ to: owner, units: 1n });
    const found = await askSurfnet(solana.rpc, "getAccountInfo", [tokenAccountOf({ owner, mint: LOCAL_USDC_MINT })]);
    expect(found).toMatchObject({ value: { owner: "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA" } });
  });
});
