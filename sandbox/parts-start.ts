import { join } from "node:path";
import type { Narrator } from "./narrator.ts";
import type { WantedPorts } from "./options.ts";
import { type EvmPart, startEvm } from "./parts/evm.ts";
import { keepPart } from "./parts/kept-part.ts";
import { type MailPart, startMail } from "./parts/mail.ts";
import { type OfficexPart, startOfficex } from "./parts/officex.ts";
import type { Part } from "./parts/part.ts";
import { type PostgresPart, startPostgres } from "./parts/postgres.ts";
import { type S3Part, startS3 } from "./parts/s3.ts";
import { type SolanaPart, startSolana } from "./parts/solana.ts";
import { surfpoolMissing } from "./parts/surfnet.ts";
import { startTemporal, type TemporalPart } from "./parts/temporal.ts";
import { type InboxPart, startWebhookInbox } from "./parts/webhook-inbox.ts";

/** Every part of the embedded world. */
export type SandboxParts = {
  readonly postgres: PostgresPart;
  readonly temporal: TemporalPart;
  readonly evm: EvmPart;
  /** Absent where surfpool is not published for the platform. */
  readonly solana?: SolanaPart;
  readonly s3: S3Part;
  readonly inbox: InboxPart;
  readonly officex: OfficexPart;
  readonly mail: MailPart;
};

type Needs = {
  readonly folder: string;
  readonly ports: WantedPorts;
  readonly narrator: Narrator;
  /** Start every part, whatever server the environment names: tests never touch one they did not start. */
  readonly embeddedOnly?: boolean;
  /** Whether a Solana chain is started too; unless told, where surfpool is published for the platform. */
  readonly solana?: boolean;
  /** Milliseconds of a slot of the Solana chain; unless told, as long as the public ones'. */
  readonly solanaSlotMs?: number;
};

/** Brings all parts up side by side. When one cannot be had the others are stopped and its message is thrown. */
export async function startParts(needs: Needs): Promise<SandboxParts> {
  const { folder, ports, narrator, embeddedOnly = false } = needs;
  const withoutSolana = needs.solana === false ? "nobody asked for it" : surfpoolMissing();
  const funded = new Map<string, bigint>();
  const common = (name: string) => ({ runDirectory: folder, progress: narrator.about(name), embeddedOnly });
  const slotTime = needs.solanaSlotMs === undefined ? {} : { slotTimeMs: needs.solanaSlotMs };
  const up: Part[] = [];
  const start = async <Started extends Part>(name: string, starting: () => Promise<Started>): Promise<Started> => {
    const part = await keepPart({ start: starting, say: narrator.about(name) });
    up.push(part);
    narrator.ready(part.name, part.source);
    return part;
  };
  const startOptional = async <Started extends Part>(
    name: string,
    missing: string | undefined,
    starting: () => Promise<Started>,
  ): Promise<Started | undefined> => {
    if (missing === undefined) return start(name, starting);
    narrator.about(name)(`left out: ${missing}`);
    return undefined;
  };
  const starting = [
    start("postgres", () =>
      startPostgres({
        ...common("postgres"),
        dataDirectory: join(folder, "postgres"),
        port: ports.postgres,
        durable: true,
      }),
    ),
    start("temporal", () =>
      startTemporal({
        ...common("temporal"),
        databaseFile: join(folder, "temporal", "temporal.db"),
        port: ports.temporal,
        uiPort: ports.temporalUi,
      }),
    ),
    start("evm", () => startEvm({ ...common("evm"), stateFile: join(folder, "evm", "state.json"), port: ports.evm })),
    startOptional("solana", withoutSolana, () =>
      startSolana({ ...common("solana"), ...slotTime, port: ports.solana, funded }),
    ),
    start("s3", () =>
      startS3({
        ...common("s3"),
        dataDirectory: join(folder, "s3"),
        port: ports.s3,
        billingBucket: "tollkeeper-billing",
      }),
    ),
    start("inbox", () => startWebhookInbox({ port: ports.inbox, file: join(folder, "inbox", "messages.jsonl") })),
    start("officex", () => startOfficex({ port: ports.officex, file: join(folder, "officex", "state.json") })),
    start("mail", () =>
      startMail({ port: ports.mail, webPort: ports.mailWeb, file: join(folder, "mail", "messages.jsonl") }),
    ),
  ] as const;
  try {
    const [postgres, temporal, evm, solana, s3, inbox, officex, mail] = await Promise.all(starting);
    const parts = { postgres, temporal, evm, s3, inbox, officex, mail };
    return solana === undefined ? parts : { ...parts, solana };
  } catch (error) {
    await Promise.allSettled(starting);
    await Promise.allSettled(up.map((part) => part.stop()));
    throw error;
  }
}
