import { Command, CommanderError } from "commander";
import { InvalidConfiguration, readOperatorConfig } from "../config.ts";
import { type OperatorAccess, Refused, Unanswered } from "./operator-client.ts";
import { NoSandbox, readSandboxWorld } from "./sandbox-world.ts";

type Options = {
  readonly json?: boolean;
  readonly sandbox?: boolean;
  readonly api?: string;
  readonly temporalUi?: string;
};

/** A command that speaks to the API as the operator: its subcommands are added to `program`. */
export type OperatorCommand = {
  readonly program: Command;
  /** Where the API is and the operator's token. Throws where either is missing. */
  readonly readAccess: () => OperatorAccess;
  /** Prints an answer: the document with --json, else the text. */
  readonly tell: (document: unknown, text: () => string) => void;
  /** A line for people beside the answer; nothing with --json. */
  readonly announce: (line: string) => void;
  /** Runs what the command line says. Never throws: a failure is told, and is the exit code. */
  readonly run: () => Promise<void>;
};

const EXIT = { refused: 1, unanswered: 2, usage: 64, configuration: 78 } as const;

/** Begins a command of the operators' with the options, exit codes and words that all of them share. */
export function operatorCommand(name: string, description: string): OperatorCommand {
  const program = new Command(name)
    .description(description)
    .option("--api <url>", "where the API is (default: http://localhost:3001)")
    .option("--sandbox", "the world npm start runs: its API, its token, its Temporal UI")
    .option("--temporal-ui <url>", "where Temporal's UI is, for links")
    .option("--json", "print one JSON document instead of tables")
    .addHelpText(
      "after",
      `
The operator's token is read from ADMIN_API_TOKEN.
Exit codes: 0 done, 1 refused and nothing changed, 2 no answer (send a repair again with the same --request-id), 64 wrong
usage, 78 wrong configuration.`,
    )
    .exitOverride();
  const isJson = () => program.opts<Options>().json === true;
  return {
    program,
    readAccess: () => readAccess(program.opts<Options>()),
    tell: (document, text) => console.log(isJson() ? JSON.stringify(document, null, 2) : text()),
    announce: (line) => {
      if (!isJson()) console.error(line);
    },
    run: async () => {
      await program.parseAsync().catch(fail);
    },
  };
}

function readAccess({ api, sandbox, temporalUi }: Options): OperatorAccess {
  if (sandbox !== true) {
    const token = readOperatorConfig().ADMIN_API_TOKEN;
    return { api: api ?? "http://localhost:3001", token, temporalUi: temporalUi ?? null };
  }
  const world = readSandboxWorld();
  return { api: api ?? world.api, token: world.keys.admin, temporalUi: temporalUi ?? world.temporal.ui ?? null };
}

/** Lets a subcommand say who does it and why, both written down for ever, and under which name of its own. */
export function addSignature(command: Command): Command {
  return command
    .requiredOption("--actor <name>", "who you are; written down")
    .requiredOption("--note <why>", "why; written down")
    .option("--request-id <id>", "your own name for this repair: the same again does nothing more");
}

/** The query of a list: what was given, and nothing else. */
export function listQuery(members: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) if (value !== undefined) parameters.set(name, value);
  return parameters;
}

/** How the page after this one is asked for; nothing after the last. */
export function nextPageHint(cursor: string | null): string {
  return cursor === null ? "" : `\nMore: --cursor ${cursor}`;
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
    return;
  }
  process.exitCode = EXIT.unanswered;
  if (error instanceof Refused) process.exitCode = EXIT.refused;
  if (error instanceof InvalidConfiguration) process.exitCode = EXIT.configuration;
  console.error(describe(error));
}

function describe(error: unknown): unknown {
  if (error instanceof Refused) return `${error.message} (${error.code})`;
  const isExpected = error instanceof Unanswered || error instanceof NoSandbox || error instanceof InvalidConfiguration;
  return isExpected ? error.message : error;
}
