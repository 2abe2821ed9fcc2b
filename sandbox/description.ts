import { LOCAL_CHAIN } from "./environment.ts";
import type { SandboxParts } from "./parts-start.ts";
import type { SandboxDescription } from "./sandbox-file.ts";
import { SOLANA_CHAIN } from "./solana-vendor.ts";

/** The addresses and keys of parts that are up, as `.tollkeeper/sandbox.json` gives them. */
export function describeParts(world: {
  readonly parts: SandboxParts;
  readonly adminToken: string;
  readonly apiPort: number;
  readonly facilitatorPort: number;
}): SandboxDescription {
  const { parts, adminToken, apiPort, facilitatorPort } = world;
  const { address, namespace, ui } = parts.temporal;
  const { rpc, chainId, usdc, usdt, faucetKey } = parts.evm;
  const { endpoint, accessKeyId, secretAccessKey, billingBucket } = parts.s3;
  return {
    api: `http://127.0.0.1:${apiPort}`,
    temporal: { address, namespace, ...(ui === undefined ? {} : { ui }) },
    postgres: parts.postgres.applicationUrl,
    postgresOwner: parts.postgres.ownerUrl,
    evm: { rpc, chainId, chain: LOCAL_CHAIN, usdc, usdt, faucetKey },
    ...(parts.solana === undefined ? {} : { solana: describeSolana(parts.solana) }),
    s3: { endpoint, accessKeyId, secretAccessKey, billingBucket },
    webhookInbox: parts.inbox.base,
    facilitator: `http://127.0.0.1:${facilitatorPort}`,
    officex: { host: parts.officex.host, orgId: parts.officex.org.orgId, orgApiKey: parts.officex.org.apiKey },
    mail: { smtp: parts.mail.url, messages: parts.mail.messagesUrl },
    keys: { admin: adminToken },
  };
}

function describeSolana({ rpc, ws, usdcMint, faucetKey }: NonNullable<SandboxParts["solana"]>) {
  return { rpc, ws, network: "local", chain: SOLANA_CHAIN, usdcMint, faucetKey };
}
