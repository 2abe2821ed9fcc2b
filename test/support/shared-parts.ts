import { inject } from "vitest";
import type { ZodType } from "zod";
import { sharedPartAt } from "./shared-part-request.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the run's shared parts are asked for. */
    partsUrl: string;
    /** The run's folder for logs, pid files and data. */
    runDirectory: string;
  }
}

/** Asks the run for the shared part `name` and waits until it is up; throws with the part's own message when it cannot be had. */
export async function sharedPart<Reply>(name: string, reply: ZodType<Reply>): Promise<Reply> {
  return reply.parse(await sharedPartAt(inject("partsUrl"), name));
}
