import { Keypair, PublicKey } from "@solana/web3.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askSurfnet, LOCAL_USDC_MINT, setLamports, setTokens } from "../../../../sandbox/parts/surfnet.ts";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { openSolanaChain } from "../../../../src/integrations/chains/solana/chain.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { TOKEN_PROGRAM, tokenAccountOf } from "../../../../src/integrations/chains/solana/token-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { solanaMissing, startTestSolana, type TestSolana } from "../../../support/solana.ts";

const TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
const PATIENCE = { timeoutMilliseconds: 2_000, tries: 1, pauseMilliseconds: 1 };
const network = solanaNetwork({
  ...{ cluster: "local", shortName: "solana", nativePrice: nanodollars(1n), usdc: LOCAL_USDC_MINT },
});

describe.skipIf(solanaMissing)("a Solana receiver", () => {
  let solana: TestSolana;
  let chain: Chain;
  beforeAll(async () => {
    solana = await startTestSolana();
    chain = openSolanaChain({ network, rpcUrl: solana.rpc, patience: PATIENCE });
  });
  afterAll(() => solana.stop());

  const newAddress = () => Keypair.generate().publicKey.toBase58();
  const inspect = (address: string) => chain.inspectReceiver?.({ address, tokens: [LOCAL_USDC_MINT] });
  const flaw = async (address: string) => Object(await inspect(address)).flaw;
  const plant = (address: string, account: { readonly owner: string; readonly data: Buffer }) =>
    askSurfnet(solana.rpc, "surfnet_setAccount", [
      address,
      {
        lamports: 5_000_000,
        data: account.data.toString("hex"),
        owner: account.owner,
        executable: false,
        rentEpoch: 0,
      },
    ]);
  /** 165 bytes of a token account; `state` 1 is open, 2 frozen. */
  const holding = (input: { readonly owner: string; readonly state?: number; readonly mint?: string }) => {
    const data = Buffer.alloc(165);
    new PublicKey(input.mint ?? LOCAL_USDC_MINT).toBuffer().copy(data, 0);
    new PublicKey(input.owner).toBuffer().copy(data, 32);
    data.writeUInt8(input.state ?? 1, 108);
    return data;
  };
  const account = (owner: string) => tokenAccountOf({ owner, mint: LOCAL_USDC_MINT });

  it("is taken with a token account of its own, whether it holds SOL or not", async () => {
    const [poor, rich] = [newAddress(), newAddress()];
    await setTokens(solana.rpc, { owner: poor, units: 0n });
    await setTokens(solana.rpc, { owner: rich, units: 5n });
    await setLamports(solana.rpc, { owner: rich, lamports: 10n ** 9n });
    for (const address of [poor, rich]) {
      expect(await inspect(address)).toEqual({ kind: "accepted", address, missing: [] });
    }
  });

  it("C18: says which token account it lacks", async () => {
    const address = newAddress();
    const missing = [{ token: LOCAL_USDC_MINT, account: account(address) }];
    expect(await inspect(address)).toEqual({ kind: "accepted", address, missing });
  });

  it("C18: is refused when it is a token account, and told whose", async () => {
    const owner = newAddress();
    await setTokens(solana.rpc, { owner, units: 1n });
    expect(await inspect(account(owner))).toMatchObject({
      flaw: "token_account",
      detail: expect.stringContaining(owner),
    });
    const loose = newAddress();
    await plant(loose, { owner: TOKEN_PROGRAM.toBase58(), data: holding({ owner }) });
    expect(await flaw(loose)).toBe("token_account");
  });

  it("C18: is refused off the curve, even where nothing stands there yet", async () => {
    expect(await flaw(account(newAddress()))).toBe("off_curve");
  });

  it("is refused when it is a mint, of either token program", async () => {
    const [other, newer] = [newAddress(), newAddress()];
    await plant(other, { owner: TOKEN_PROGRAM.toBase58(), data: Buffer.alloc(82) });
    await plant(newer, { owner: TOKEN_2022, data: Buffer.concat([Buffer.alloc(165), Buffer.from([1, 0, 0])]) });
    expect(await Promise.all([LOCAL_USDC_MINT, other, newer].map(flaw))).toEqual(["mint", "mint", "mint"]);
  });

  it("is refused when it is a program or belongs to one", async () => {
    const owned = newAddress();
    await plant(owned, { owner: "Stake11111111111111111111111111111111111111", data: Buffer.alloc(200) });
    const programs = [TOKEN_PROGRAM.toBase58(), "11111111111111111111111111111111", owned];
    expect(await Promise.all(programs.map(flaw))).toEqual(["program", "program", "program"]);
  });

  it("is refused when its token account was given away, or is frozen", async () => {
    const [robbed, frozen] = [newAddress(), newAddress()];
    await plant(account(robbed), { owner: TOKEN_PROGRAM.toBase58(), data: holding({ owner: newAddress() }) });
    await plant(account(frozen), { owner: TOKEN_PROGRAM.toBase58(), data: holding({ owner: frozen, state: 2 }) });
    expect([await flaw(robbed), await flaw(frozen)]).toEqual(["foreign_token_account", "frozen_token_account"]);
  });

  it.each(["", "0OIl", "11111111", "z".repeat(500), "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])(
    "C18: is refused when it is no address at all: %j",
    async (address) => {
      expect(await flaw(address)).toBe("malformed");
    },
  );

  it("is not judged while the node is away", async () => {
    const away = openSolanaChain({ network, rpcUrl: "http://127.0.0.1:9", patience: PATIENCE });
    const asked = away.inspectReceiver?.({ address: newAddress(), tokens: [LOCAL_USDC_MINT] });
    await expect(asked).rejects.toMatchObject({ code: "rpc_unavailable", status: 503 });
  });
});
