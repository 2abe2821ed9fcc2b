import type { Connection } from "@temporalio/client";

const RPC_DEADLINE_MS = 10_000;
const TYPE_NUMBERS = { KEYWORD: 2, BOOL: 5, DATETIME: 6 } as const;

/** Search attribute name to its type. */
export type SearchAttributeTypes = Readonly<Record<string, keyof typeof TYPE_NUMBERS>>;

/**
 * Makes the namespace know the search attributes with their types. Adding one again changes nothing, also when it is there with
 * another type, so the types are read back: a wrong one stops the start, since it would wedge every running workflow.
 */
export async function ensureSearchAttributes(
  connection: Connection,
  input: { readonly namespace: string; readonly attributes: SearchAttributeTypes },
): Promise<void> {
  const { namespace, attributes } = input;
  const wanted = Object.entries(attributes).map(([name, type]) => [name, TYPE_NUMBERS[type]] as const);
  const { customAttributes } = await connection.withDeadline(Date.now() + RPC_DEADLINE_MS, async () => {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(wanted) });
    return connection.operatorService.listSearchAttributes({ namespace });
  });
  for (const [name, type] of wanted) {
    const found = customAttributes?.[name];
    if (found !== undefined && found !== type)
      throw new Error(`The search attribute ${name} exists with another type in namespace ${namespace}.`);
  }
}
