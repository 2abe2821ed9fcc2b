import { readFileSync } from "node:fs";
import { z } from "zod";

const World = z.object({
  api: z.string(),
  postgres: z.string(),
  keys: z.object({ admin: z.string() }),
  temporal: z.object({ ui: z.string().optional() }),
});

/** No world of `npm start` is up in this folder: what `--sandbox` would look at is not there. */
export class NoSandbox extends Error {
  constructor() {
    super("No sandbox is up here: bring one up with npm start, or leave --sandbox out.");
  }
}

/** The world that `npm start` runs in this folder, as far as commands need it. Throws {@link NoSandbox}. */
export function readSandboxWorld(): z.infer<typeof World> {
  try {
    return World.parse(JSON.parse(readFileSync(".tollkeeper/sandbox.json", "utf8")));
  } catch {
    throw new NoSandbox();
  }
}
