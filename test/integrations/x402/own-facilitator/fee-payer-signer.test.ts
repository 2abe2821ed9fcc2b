import { hexToBytes } from "viem";
import { expect, it } from "vitest";
import { openFeePayers } from "../../../../src/integrations/x402/own-facilitator/fee-payer-signer.ts";

// RFC 8032, section 7.1, test 1: the seed and, in Solana's spelling, its public key.
const SOLANA_SEED = "0x9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60" as const;
const SOLANA_ADDRESS = "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z";
// The private key 1, whose address everybody knows.
const EVM_KEY = `0x${"0".repeat(63)}1` as const;
const EVM_ADDRESS = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";

it("opens the wallets that belong to the raw keys, and shows nothing of the keys", async () => {
  const payers = await openFeePayers({ evm: hexToBytes(EVM_KEY), solana: hexToBytes(SOLANA_SEED) });
  expect([payers.evm.address, payers.solana.address]).toEqual([EVM_ADDRESS, SOLANA_ADDRESS]);
  expect(JSON.stringify(payers)).not.toContain(EVM_KEY.slice(2));
  expect(JSON.stringify(payers)).not.toContain(SOLANA_SEED.slice(2));
});

it("refuses a key of another length", async () => {
  await expect(openFeePayers({ evm: hexToBytes(EVM_KEY), solana: new Uint8Array(31) })).rejects.toThrow();
  await expect(openFeePayers({ evm: new Uint8Array(31), solana: hexToBytes(SOLANA_SEED) })).rejects.toThrow();
});
