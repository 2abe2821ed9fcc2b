import type { Progress } from "./parts/part.ts";

/** Tells whoever watches what is happening, one line at a time, each with the seconds since the start. */
export type Narrator = {
  readonly say: Progress;
  /** Lines about one part. */
  readonly about: (name: string) => Progress;
  readonly ready: (name: string, source: string) => void;
};

/** A narrator on standard output, or on standard error when the output is for a program (`--json`). */
export function openNarrator(stream: NodeJS.WritableStream): Narrator {
  const started = Date.now();
  // Whoever read our output may have left; the world goes on.
  stream.on("error", () => undefined);
  const say = (line: string) => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
    stream.write(`[${seconds} s] ${line}\n`);
  };
  const about = (name: string) => (line: string) => say(`${name.padEnd(9)} ${line}`);
  return { say, about, ready: (name, source) => about(name)(`ready, from ${source}`) };
}
