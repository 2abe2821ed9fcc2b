import { parseArgs } from "node:util";

/** What the command line of `npm start` asked for. Ports are wishes: a taken one moves to the next free one. */
export type SandboxOptions = {
  readonly demo: boolean;
  readonly reset: boolean;
  readonly json: boolean;
  readonly ports: WantedPorts;
};

/** The loopback port each part would like. */
export type WantedPorts = {
  readonly api: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly postgres: number;
  readonly evm: number;
  readonly solana: number;
  readonly s3: number;
  readonly inbox: number;
  readonly officex: number;
  readonly mail: number;
  readonly mailWeb: number;
  readonly facilitator: number;
};

const DEFAULT_PORTS: WantedPorts = {
  api: 3001,
  temporal: 7233,
  temporalUi: 8233,
  postgres: 5440,
  evm: 8545,
  solana: 8899,
  s3: 7070,
  inbox: 3900,
  officex: 3901,
  mail: 3902,
  mailWeb: 3903,
  facilitator: 3402,
};

const PORT_FLAGS: Readonly<Record<string, keyof WantedPorts>> = {
  port: "api",
  "temporal-port": "temporal",
  "ui-port": "temporalUi",
  "postgres-port": "postgres",
  "evm-port": "evm",
  "solana-port": "solana",
  "s3-port": "s3",
  "inbox-port": "inbox",
  "officex-port": "officex",
  "mail-port": "mail",
  "mail-web-port": "mailWeb",
  "facilitator-port": "facilitator",
};

/** Reads the command line. Throws a sentence for a flag that does not exist or a port that is none. */
export function readOptions(args: readonly string[]): SandboxOptions {
  const flags = Object.fromEntries(Object.keys(PORT_FLAGS).map((flag) => [flag, { type: "string" as const }]));
  const { values } = parseArgs({
    args: [...args],
    options: { ...flags, "no-demo": { type: "boolean" }, reset: { type: "boolean" }, json: { type: "boolean" } },
  });
  const given: Readonly<Record<string, unknown>> = values;
  const wanted = Object.entries(PORT_FLAGS).map(([flag, part]) => [
    part,
    readPort(flag, given[flag], DEFAULT_PORTS[part]),
  ]);
  return {
    demo: values["no-demo"] !== true,
    reset: values.reset === true,
    json: values.json === true,
    ports: { ...DEFAULT_PORTS, ...Object.fromEntries(wanted) },
  };
}

function readPort(flag: string, text: unknown, fallback: number): number {
  if (text === undefined) return fallback;
  const port = typeof text === "string" && /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 1 && port <= 65_535)) throw new Error(`--${flag} takes a port from 1 to 65535.`);
  return port;
}
