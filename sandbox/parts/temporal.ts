import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Connection } from "@temporalio/client";
import { waitUntilAnswering } from "./answering.ts";
import { startChild } from "./child-process.ts";
import { NEVER, type Part, type Progress } from "./part.ts";
import { DEV_SERVER_TUNING, SEARCH_ATTRIBUTE_FLAGS } from "./temporal-settings.ts";
import { findTool } from "./tool.ts";
import { TEMPORAL_CLI } from "./tools.ts";

/** How to start the server; `databaseFile` keeps workflows over restarts. */
export type TemporalOptions = {
  readonly runDirectory: string;
  readonly databaseFile: string;
  readonly port: number;
  readonly uiPort: number;
  /** Leave TEMPORAL_ADDRESS alone: tests never touch a server they did not start. */
  readonly embeddedOnly?: boolean;
  readonly progress: Progress;
};

/** A Temporal server; `ui` is undefined for a server of the user's whose UI address was not given (TEMPORAL_UI_URL). */
export type TemporalPart = Part & {
  readonly address: string;
  readonly namespace: string;
  readonly ui: string | undefined;
};

/** Starts Temporal's development server with its UI, or takes the one TEMPORAL_ADDRESS names and starts nothing. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalPart> {
  const given = options.embeddedOnly === true ? undefined : await givenTemporal();
  if (given !== undefined) return given;
  const tool = await findTool(TEMPORAL_CLI, options.progress);
  mkdirSync(dirname(options.databaseFile), { recursive: true });
  const child = await startChild({
    name: "temporal",
    command: tool.path,
    args: [
      ...["server", "start-dev", "--ip", "127.0.0.1", "--log-level", "warn", "--log-format", "json"],
      ...["--port", String(options.port), "--ui-port", String(options.uiPort)],
      ...["--db-filename", options.databaseFile],
      ...["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=NORMAL"],
      ...DEV_SERVER_TUNING,
      ...SEARCH_ATTRIBUTE_FLAGS,
    ],
    runDirectory: options.runDirectory,
  });
  const address = `127.0.0.1:${options.port}`;
  try {
    await waitUntilAnswering(child, () => answers(address, "default"));
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    name: "temporal",
    source: tool.source,
    address,
    namespace: "default",
    ui: `http://127.0.0.1:${options.uiPort}`,
    died: child.exited.then((reason) => `${reason}\n${child.lastLines()}`),
    stop: child.stop,
  };
}

async function givenTemporal(): Promise<TemporalPart | undefined> {
  const address = process.env.TEMPORAL_ADDRESS ?? "";
  if (address === "") return undefined;
  const namespace = process.env.TEMPORAL_NAMESPACE ?? "default";
  await answers(address, namespace).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `TEMPORAL_ADDRESS is ${address}, but the namespace "${namespace}" does not answer there: ${reason}. ` +
        "Start that server, or unset the variable and one is started here.",
      { cause },
    );
  });
  const source = "your TEMPORAL_ADDRESS";
  return {
    name: "temporal",
    source,
    address,
    namespace,
    ui: process.env.TEMPORAL_UI_URL,
    died: NEVER,
    stop: async () => undefined,
  };
}

async function answers(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
