import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineRoute } from "../../../src/platform/http/define-route.ts";
import { buildOpenApi } from "../../../src/platform/http/openapi.ts";

const title = { title: "Test", version: "1", description: "A test." };
const build = (...routes: Parameters<typeof buildOpenApi>[0]) => buildOpenApi(routes, { title, verifiers: {} });

const Node = z
  .object({
    name: z.string(),
    get children() {
      return z.array(Node);
    },
  })
  .meta({ id: "Node" });

const create = defineRoute({
  operationId: "createNode",
  summary: "Create a node",
  method: "post",
  path: "/nodes/:id",
  aliases: ["/v1/nodes/:id"],
  auth: ["none"],
  idempotency: "stored",
  rateLimit: "api",
  params: z.object({ id: z.string().max(9) }),
  query: z.object({ deep: z.coerce.boolean().default(false) }),
  body: z.object({ node: Node, data: z.json() }),
  reply: { status: 201, schema: Node },
  problems: ["node_exists"],
  handler: ({ body }) => body.node,
});

describe("buildOpenApi", () => {
  it("describes parameters, query, body, named and recursive schemas, and every declared failure", () => {
    const document = build(create);
    expect(document.openapi).toBe("3.1.1");
    expect(document.paths["/nodes/{id}"]?.post).toMatchObject({
      operationId: "createNode",
      security: [{}],
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "string", maxLength: 9 } },
        { name: "deep", in: "query", required: false },
        { name: "Idempotency-Key", in: "header" },
      ],
      requestBody: {
        content: { "application/json": { schema: { properties: { node: { $ref: "#/components/schemas/Node" } } } } },
      },
      responses: {
        "201": { content: { "application/json": { schema: { $ref: "#/components/schemas/Node" } } } },
        "400": { description: expect.stringContaining("`invalid_request`") },
        "409": { description: "`request_in_progress`" },
        "429": { description: "`rate_limited`" },
        "4XX": { description: "`node_exists`" },
      },
    });
    const schemas = JSON.stringify(document.components.schemas);
    expect(schemas).toContain('"children":{"type":"array","items":{"$ref":"#/components/schemas/Node"}}');
    expect(JSON.stringify(document)).not.toContain("$defs");
  });

  it("gives each spelling a path and a unique operation id", () => {
    const { paths } = build(create);
    expect(paths["/v1/nodes/{id}"]?.post).toMatchObject({ operationId: "createNode_2" });
  });

  it("throws on money that could not travel", () => {
    const unsafe = { ...create, reply: { status: 200, schema: z.object({ balance: z.bigint() }) } };
    expect(() => build(unsafe)).toThrow("BigInt");
  });

  it("throws when two different schemas claim one name", () => {
    const other = {
      ...create,
      operationId: "other",
      path: "/other",
      aliases: [],
      params: z.object({}),
      body: z.object({ a: z.string() }).meta({ id: "Node" }),
    };
    expect(() => build(create, other)).toThrow('Two different schemas are named "Node"');
  });

  it("leaves hidden routes out", () => {
    expect(Object.keys(build({ ...create, hidden: true }).paths)).toEqual([]);
  });
});
