import { Keypair } from "@solana/web3.js";
import { expect, it } from "vitest";
import { derivePrivateKey } from "../../../../src/integrations/chains/solana/private-key-derivation.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const ONE = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
const TWO = Buffer.from(
  "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
  "hex",
);

it.each([
  ["m", "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7"],
  ["m/0'", "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3"],
  ["m/0'/1'", "b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2"],
  ["m/0'/1'/2'", "92a5b23c0b8a99e37d07df3fb9966917f5d06e02ddbd909c7e184371463e9fc9"],
  ["m/0'/1'/2'/2'", "30d1dc7e5fc04c31219ab25a27ae00b50f6fd66622f6e9c913253d6511d1e662"],
  ["m/0'/1'/2'/2'/1000000000'", "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793"],
])("derives the key of SLIP-0010's first vector at %s", (path, key) => {
  expect(hex(derivePrivateKey(ONE, path))).toBe(key);
});

it.each([
  ["m", "171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012"],
  ["m/0'", "1559eb2bbec5790b0c65d8693e4d0875b1747f4970ae8b650486ed7470845635"],
  ["m/0'/2147483647'", "ea4f5bfe8694d8bb74b7b59404632fd5968b774ed545e810de9c32a4fb4192f4"],
  ["m/0'/2147483647'/1'/2147483646'/2'", "551d333177df541ad876a60ea71f00447931c0a9da16f227c11ea080d7391b8d"],
])("derives the key of SLIP-0010's second vector at %s", (path, key) => {
  expect(hex(derivePrivateKey(TWO, path))).toBe(key);
});

it("gives the public key that the vector states", () => {
  const { publicKey } = Keypair.fromSeed(derivePrivateKey(ONE, "m/0'"));
  expect(hex(publicKey.toBytes())).toBe("8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c");
});

it.each(["m/0", "0'", "m/x'", "m/2147483648'", "m/-1'"])("refuses the path %s", (path) => {
  expect(() => derivePrivateKey(ONE, path)).toThrow(/hardened|begins with m/);
});
