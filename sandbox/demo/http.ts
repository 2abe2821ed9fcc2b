import type { z } from "zod";

/** An answer that is not what the caller waited for: method, path, status and the problem's own words. */
export class UnexpectedAnswer extends Error {
  readonly status: number;

  constructor(request: string, status: number, body: string) {
    super(`${request} answered ${status}: ${body.slice(0, 500)}`);
    this.name = "UnexpectedAnswer";
    this.status = status;
  }
}

/** One call of our own API as any client makes it; `key` goes into the Authorization header. */
export type ApiCall = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
  readonly idempotencyKey?: string;
};

/** Calls the API and reads the answer by a schema. Throws {@link UnexpectedAnswer} for anything but 2xx. */
export async function callApi<Schema extends z.ZodType>(
  api: string,
  call: ApiCall,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const response = await fetch(`${api}${call.path}`, {
    method: call.method,
    headers: {
      accept: "application/json",
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      ...(call.key === undefined ? {} : { authorization: `Bearer ${call.key}` }),
      ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new UnexpectedAnswer(`${call.method} ${call.path}`, response.status, text);
  return schema.parse(JSON.parse(text));
}

/** Asks again every 200 ms until `done` says yes. Throws with the last answer after `seconds`. */
export async function pollUntil<T>(
  input: { readonly what: string; readonly seconds: number },
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
): Promise<T> {
  const until = performance.now() + input.seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (performance.now() > until)
      throw new Error(`${input.what} did not happen within ${input.seconds} s; last answer: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
