/** The part of a structured logger the chains use. Fields never hold keys, RPC URLs or session secrets. */
export type ChainLogger = { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
