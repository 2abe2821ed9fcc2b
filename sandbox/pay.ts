import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Contract, JsonRpcProvider, parseUnits, Wallet } from "ethers";
import { openSolanaWallet } from "./demo/solana-wallet.ts";
import { readSandboxFile, type SandboxDescription } from "./sandbox-file.ts";

const USAGE = `npm run pay -- NETWORK ADDRESS AMOUNT [MEMO]

Sends test USDC from the running sandbox's faucet, as a wallet would, and prints the transaction: what PAY2 takes as "signature".
NETWORK is the sandbox's name of a chain: solana, or local for the EVM chain. AMOUNT is in dollars, such as 0.10. MEMO goes along on
Solana only.`;

const ERC20 = ["function transfer(address to, uint256 value)"];
const DECIMALS = 6;
const AMOUNT = /^[0-9]{1,9}(?:\.[0-9]{1,6})?$/;

const [network = "", to = "", amount = "", memo] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));

if (network === "--help" || network === "-h") {
  console.log(USAGE);
  process.exit(0);
}
try {
  if (!AMOUNT.test(amount)) throw new Error(amount === "" ? "Say to whom, and how much." : `"${amount}" is no amount.`);
  console.log(await pay(readSandboxFile(resolve(root, process.env.TOLLKEEPER_FOLDER ?? ".tollkeeper"))));
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error(`\n${USAGE}`);
  process.exit(1);
}

async function pay(world: SandboxDescription): Promise<string> {
  const units = parseUnits(amount, DECIMALS);
  const { solana, evm } = world;
  if (network === solana?.chain)
    return openSolanaWallet(solana.rpc, solana.faucetKey).pay({ to, units, ...(memo === undefined ? {} : { memo }) });
  if (network !== evm.chain) throw new Error(`No chain here is called "${network}".`);
  const wallet = new Wallet(evm.faucetKey, new JsonRpcProvider(evm.rpc, evm.chainId, { staticNetwork: true }));
  const sent: { hash: string; wait: () => Promise<unknown> } = await new Contract(evm.usdc, ERC20, wallet).getFunction(
    "transfer",
  )(to, units);
  await sent.wait();
  return sent.hash;
}
