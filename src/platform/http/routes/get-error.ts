import { z } from "zod";
import type { Route } from "../define-route.ts";
import { defineRoute } from "../define-route.ts";
import { PathNotFound } from "../errors.ts";
import { PLATFORM_PROBLEMS } from "../platform-problems.ts";

const ErrorPage = z.object({
  code: z.string(),
  status: z.number().int().nullable(),
  meaning: z.string(),
  operations: z.array(z.string()),
});

/** GET /errors/:code. What a problem's `type` points at: the code's meaning and which operations declare it. 404 for unknown codes. */
export const getErrorRoute = (needs: { routes(): readonly Route[] }) =>
  defineRoute({
    operationId: "getError",
    summary: "What an error code means",
    tags: ["platform"],
    method: "get",
    path: "/errors/:code",
    auth: ["none"],
    params: z.object({ code: z.string().max(64) }),
    reply: { status: 200, schema: ErrorPage },
    problems: ["not_found"],
    handler: ({ params }) => {
      const own = PLATFORM_PROBLEMS.find((problem) => problem.code === params.code);
      const declared = needs.routes().filter((route) => route.problems?.includes(params.code) === true);
      if (own === undefined && declared.length === 0) throw new PathNotFound();
      return {
        code: params.code,
        status: own?.status ?? null,
        meaning: own?.meaning ?? "A refusal of the operations listed; `detail` in the problem says what to change.",
        operations: declared.map((route) => route.operationId),
      };
    },
  });
