import { drawPairs } from "../src/cli/table.ts";
import type { SandboxDescription } from "./sandbox-file.ts";

/** Every address and key a person may want, as a table. */
export function describeWorld(world: SandboxDescription): string {
  return drawPairs([
    ["API", world.api],
    ["API reference", `${world.api}/docs`],
    ["Temporal UI", world.temporal.ui ?? "not known (TEMPORAL_UI_URL)"],
    ["Temporal", `${world.temporal.address}, namespace ${world.temporal.namespace}`],
    ["PostgreSQL (application)", world.postgres],
    ["PostgreSQL (owner)", world.postgresOwner],
    ["EVM chain", `${world.evm.rpc}, chain id ${world.evm.chainId}, "${world.evm.chain}" in our API`],
    ["USDC", world.evm.usdc],
    ["USDT", world.evm.usdt],
    ["Faucet key", world.evm.faucetKey],
    ...describeSolana(world),
    ["S3", world.s3.endpoint],
    ["S3 root keys", `${world.s3.accessKeyId} / ${world.s3.secretAccessKey}`],
    ["x402 facilitator", world.facilitator],
    ["Webhook inbox", `${world.webhookInbox}/messages`],
    ["OfficeX stand-in", `${world.officex.host}/state, organisation ${world.officex.orgId}`],
    ["Mails", world.mail.messages],
    ["Admin token", world.keys.admin],
  ]);
}

function describeSolana({ solana }: SandboxDescription): string[][] {
  if (solana === undefined) return [["Solana chain", "not running: surfpool is not installed here"]];
  return [
    ["Solana chain", `${solana.rpc}, "${solana.chain}" in our API`],
    ["USDC on Solana", solana.usdcMint],
    ["Solana faucet key", solana.faucetKey],
  ];
}
