import { ensureDependencies, requireSupportedNode } from "./install.mjs";

const HELP = `npm start [-- FLAGS]

Brings up the whole world on this machine: PostgreSQL, Temporal with its UI, an EVM chain with two tokens, a Solana chain, an S3
server, stand-ins that take webhooks, mails and OfficeX calls, the API and the worker. Plays a sale on each chain, prints every address
and key, and stays up until Ctrl-C. Data is kept in .tollkeeper/; the Solana chain lives in memory and begins anew at each start.

  --no-demo            do not play the sale
  --reset              wipe .tollkeeper/ first
  --json               print the addresses and keys as one line of JSON (progress goes to standard error)
  --port N             API (3001)
  --temporal-port N    Temporal (7233)
  --ui-port N          Temporal UI (8233)
  --postgres-port N    PostgreSQL (5440)
  --evm-port N         EVM chain (8545)
  --s3-port N          S3 (7070)
  --solana-port N      Solana chain (8899)
  --inbox-port N       webhook inbox (3900)
  --officex-port N     OfficeX stand-in (3901)
  --mail-port N        mail server (3902)
  --mail-web-port N    its messages (3903)
  --help               this text

A port that is taken moves to the next free one. Instead of a part of its own it uses yours when you name it: DATABASE_URL with
DATABASE_OWNER_URL, TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE, TEMPORAL_UI_URL), S3_ENDPOINT with AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY. Programs of yours: TEMPORAL_CLI_PATH, VERSITYGW_PATH, ANVIL_PATH.
TOLLKEEPER_FOLDER names another folder for the data, so that two worlds can run side by side.`;

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(HELP);
  process.exit(0);
}
requireSupportedNode();
await ensureDependencies({ quiet: args.includes("--json") });
const { register } = await import("tsx/esm/api");
register();
const { main } = await import("./main.ts");
await main(args);
