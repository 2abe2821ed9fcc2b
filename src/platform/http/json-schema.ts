import { z } from "zod";
import { canonicalJson } from "./idempotency.ts";

/** A JSON Schema 2020-12 document, as OpenAPI 3.1 uses it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Turns zod schemas into JSON Schema, collecting what is named or recursive as shared components. */
export type SchemaCollector = {
  /** The wire side of `schema`, as a reference when it is named by `.meta({ id })`. Throws on `z.bigint()`: it cannot travel. */
  describe(schema: z.ZodType): JsonSchema;
  /** The named schemas met so far, by name. Two different schemas of one name throw. */
  components(): Readonly<Record<string, JsonSchema>>;
};

const PREFIX = "#/components/schemas/";

/** Starts an empty collection. */
export function createSchemaCollector(): SchemaCollector {
  const components = new Map<string, JsonSchema>();
  const recursive = new Map<string, string>();
  const add = (name: string, schema: JsonSchema) => {
    const known = components.get(name);
    if (known !== undefined && canonicalJson(known) !== canonicalJson(schema)) {
      throw new Error(`Two different schemas are named "${name}".`);
    }
    components.set(name, schema);
  };
  const nameOf = (name: string, schema: unknown) => {
    if (!name.startsWith("__")) return name;
    const content = canonicalJson(schema).replaceAll(name, "self");
    const given = recursive.get(content) ?? `Recursive${recursive.size + 1}`;
    recursive.set(content, given);
    return given;
  };
  return {
    describe: (schema) => {
      const { $schema: _dialect, $defs, ...root } = z.toJSONSchema(schema, { io: "input", unrepresentable: "throw" });
      const definitions = Object.entries($defs ?? {});
      const names = new Map(
        definitions.map(([name, definition]) => [`#/$defs/${name}`, PREFIX + nameOf(name, definition)]),
      );
      for (const [name, definition] of definitions) add(nameOf(name, definition), asSchema(rewrite(definition, names)));
      const whole = asSchema(rewrite(root, names));
      if (typeof whole.id !== "string") return whole;
      const { id, ...named } = whole;
      add(String(id), asSchema(rewrite(named, new Map([["#", `${PREFIX}${id}`]]))));
      return { $ref: `${PREFIX}${id}` };
    },
    components: () => Object.fromEntries([...components].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

/** The same schema with its references renamed and inner `id` keywords, which mean something else in JSON Schema, left out. */
function rewrite(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, names));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([keyword, inner]) => {
      if (keyword === "$ref" && typeof inner === "string") return [keyword, names.get(inner) ?? inner];
      return [keyword, rewrite(inner, names)];
    }),
  );
}

function asSchema(value: unknown): JsonSchema {
  if (!isRecord(value)) throw new Error("A JSON Schema must be an object.");
  const { $id: _id, ...schema } = value;
  return schema;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
