import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { openEvmChain } from "../../../../src/integrations/chains/evm/chain.ts";
import { openJsonRpc } from "../../../../src/integrations/chains/evm/json-rpc.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";

const PATIENCE = { timeoutMilliseconds: 2_000, tries: 1, pauseMilliseconds: 1 };
const SHOP = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

describe.skipIf(evmMissing)("an EVM receiver", () => {
  let evm: EvmPart;
  let chain: Chain;
  beforeAll(async () => {
    evm = await startTestEvm();
    chain = openEvmChain({ network: localNetwork(evm), rpcUrl: evm.rpc, patience: PATIENCE });
  });
  afterAll(() => evm.stop());

  const inspect = (address: string) => chain.inspectReceiver?.({ address, tokens: [evm.usdc] });
  const flaw = async (address: string) => Object(await inspect(address)).flaw;

  it("C18: is taken in one spelling, and answered in the one with a checksum", async () => {
    const { address } = Wallet.createRandom();
    for (const spelling of [address, address.toLowerCase(), `0x${address.slice(2).toUpperCase()}`]) {
      expect(await inspect(spelling)).toEqual({ kind: "accepted", address, missing: [] });
    }
  });

  it("C18: is refused when one capital letter does not fit", async () => {
    expect(await flaw(SHOP.replace("c79C8", "c79c8"))).toBe("checksum");
  });

  it.each([
    "",
    "0x",
    SHOP.slice(2),
    `${SHOP}0`,
    SHOP.replace("0x", "0X"),
    "XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS",
    "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
  ])("C18: is refused when it is no address at all: %j", async (address) => {
    expect(await flaw(address)).toBe("malformed");
  });

  it("is refused where nobody holds a key", async () => {
    const places = [`0x${"0".repeat(40)}`, `0x${"0".repeat(39)}4`, "0x000000000000000000000000000000000000dEaD"];
    expect(await Promise.all(places.map(flaw))).toEqual(["nobody", "nobody", "nobody"]);
  });

  it("is refused when it is the token itself, and any other token's contract", async () => {
    expect([await flaw(evm.usdc), await flaw(evm.usdt)]).toEqual(["token_contract", "token_contract"]);
  });

  it("is taken when it is a contract that is no token, as a wallet may be", async () => {
    const { address } = Wallet.createRandom();
    await openJsonRpc({ url: evm.rpc, chain: "local" })("anvil_setCode", [address, "0x00"]);
    expect(await inspect(address)).toMatchObject({ kind: "accepted" });
  });

  it("is not judged while the node is away", async () => {
    const away = openEvmChain({ network: localNetwork(evm), rpcUrl: "http://127.0.0.1:9", patience: PATIENCE });
    const asked = away.inspectReceiver?.({ address: Wallet.createRandom().address, tokens: [evm.usdc] });
    await expect(asked).rejects.toMatchObject({ code: "rpc_unavailable", status: 503 });
  });
});
