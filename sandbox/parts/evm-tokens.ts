import {
  Contract,
  ContractFactory,
  getCreateAddress,
  type HDNodeWallet,
  type JsonRpcProvider,
  type Wallet,
} from "ethers";
import multicallArtifact from "../contracts/test-multicall.json" with { type: "json" };
import usdcArtifact from "../contracts/test-usdc.json" with { type: "json" };
import usdtArtifact from "../contracts/test-usdt.json" with { type: "json" };

/** The two tokens of the local chain. */
export type TokenSymbol = "USDC" | "USDT";

/** A key that can sign on the local chain. */
type Signer = Wallet | HDNodeWallet;

// Where every public chain that has Multicall3 has it.
const MULTICALL3_ADDRESS = "0xcA11bde05977b3631167028862bE2a173976CA11";

// A billion tokens, in base units.
const FAUCET_AMOUNT = 1_000_000_000n * 1_000_000n;

/**
 * Deploys USDC as the deployer's first transaction and USDT as its second, so that their addresses never change, and fills the faucet.
 * On a chain that has them already nothing happens.
 */
export async function deployTokens(needs: {
  readonly provider: JsonRpcProvider;
  readonly deployer: Signer;
  readonly faucetAddress: string;
}): Promise<{ readonly usdc: string; readonly usdt: string }> {
  const addresses = [0, 1].map((nonce) => getCreateAddress({ from: needs.deployer.address, nonce }));
  for (const [nonce, artifact] of [usdcArtifact, usdtArtifact].entries()) {
    const address = addresses[nonce] ?? "";
    if ((await needs.provider.getCode(address)) !== "0x") continue;
    const factory = new ContractFactory(artifact.abi, artifact.bytecode, needs.deployer);
    const contract = await factory.deploy({ nonce });
    await contract.waitForDeployment();
  }
  const [usdc = "", usdt = ""] = addresses;
  for (const address of [usdc, usdt]) {
    const token = new Contract(address, usdcArtifact.abi, needs.provider);
    const balance: unknown = await token.getFunction("balanceOf")(needs.faucetAddress);
    if (balance === 0n) {
      await mintTokens({ deployer: needs.deployer, address }, { to: needs.faucetAddress, amount: FAUCET_AMOUNT });
    }
  }
  return { usdc, usdt };
}

/** Puts the small Multicall where public chains have Multicall3, so that batched sweeps work here as there. */
export async function placeMulticall(provider: JsonRpcProvider): Promise<void> {
  const code: unknown = await provider.send("eth_call", [{ data: multicallArtifact.bytecode }, "latest"]);
  await provider.send("anvil_setCode", [MULTICALL3_ADDRESS, code]);
}

/** Makes `amount` base units of the token at `address` for `to`, and returns once they are there. */
export async function mintTokens(
  needs: { readonly deployer: Signer; readonly address: string },
  input: { readonly to: string; readonly amount: bigint },
): Promise<void> {
  const token = new Contract(needs.address, ["function mint(address to, uint256 value)"], needs.deployer);
  const transaction = await token.getFunction("mint").send(input.to, input.amount);
  await transaction.wait();
}
