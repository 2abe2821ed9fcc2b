import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createSchemaCollector } from "../../../src/platform/http/json-schema.ts";

describe("a schema in the document", () => {
  it("stands where it is used when it has no name", () => {
    const collector = createSchemaCollector();
    expect(collector.describe(z.object({ amount: z.string() }))).toMatchObject({
      ...{ type: "object", properties: { amount: { type: "string" } }, required: ["amount"] },
    });
    expect(collector.components()).toEqual({});
  });

  it("with a name is written once and referred to, from wherever it is used", () => {
    const money = z.string().meta({ id: "CollectedMoney", description: "decimal dollars" });
    const collector = createSchemaCollector();
    expect(collector.describe(money)).toEqual({ $ref: "#/components/schemas/CollectedMoney" });
    expect(collector.describe(z.object({ price: money, fee: money }))).toMatchObject({
      properties: {
        price: { $ref: "#/components/schemas/CollectedMoney" },
        fee: { $ref: "#/components/schemas/CollectedMoney" },
      },
    });
    expect(collector.components()).toEqual({ CollectedMoney: { type: "string", description: "decimal dollars" } });
  });

  it("describes what a caller sends, so a member with a default need not be sent", () => {
    const described = createSchemaCollector().describe(z.object({ page: z.number().default(1) }));
    expect(described.required ?? []).not.toContain("page");
  });

  it("may contain itself", () => {
    type Tree = { readonly children: readonly Tree[] };
    const tree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(tree) })).meta({ id: "CollectedTree" });
    const collector = createSchemaCollector();
    collector.describe(tree);
    expect(JSON.stringify(collector.components().CollectedTree)).toContain("#/components/schemas/CollectedTree");
  });

  it("lists its components in one order, whatever order they were met in", () => {
    const [one, two] = [z.string().meta({ id: "CollectedB" }), z.number().meta({ id: "CollectedA" })];
    const collector = createSchemaCollector();
    collector.describe(one);
    collector.describe(two);
    expect(Object.keys(collector.components())).toEqual(["CollectedA", "CollectedB"]);
  });

  it("that cannot travel as JSON stops the start", () => {
    expect(() => createSchemaCollector().describe(z.object({ amount: z.bigint() }))).toThrow(/bigint/i);
  });

  it("of the same name as a different one stops the start", () => {
    const collector = createSchemaCollector();
    collector.describe(z.object({ a: z.string() }).meta({ id: "CollectedTwice" }));
    const collect = () => collector.describe(z.object({ b: z.number() }).meta({ id: "CollectedTwice" }));
    expect(collect).toThrow(/CollectedTwice/);
  });
});
