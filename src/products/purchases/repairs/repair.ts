import type { Knex } from "knex";
import { z } from "zod";
import type { JsonValue } from "../../../errors.ts";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import { parseRepair } from "../../../platform/repairs/repair-request.ts";
import type { ParkedWorkflow } from "../../../platform/temporal/parked-workflow-store.ts";
import type { Checkout } from "../checkout-store.ts";
import type { Purchase } from "../purchase-store.ts";
import type { MoneyMoves } from "./money-moves.ts";

/** What a repair looks at. `purchase` is null while only its checkout exists; its row is locked until the repair is written down. */
export type RepairFacts = {
  readonly subject: string;
  readonly purchase: Purchase | null;
  readonly checkout: Checkout;
  /** Whether a step that cannot be taken back has begun. */
  readonly isDestructionBegun: boolean;
  readonly parked: ParkedWorkflow | null;
  readonly now: Date;
};

/** Where a repair writes. `key`, made of its request id, names it for ever: whatever it causes elsewhere is keyed by it. */
export type RepairWork = {
  readonly transaction: Knex.Transaction;
  readonly money: MoneyMoves;
  readonly facts: RepairFacts;
  readonly key: string;
  readonly requestId: string;
  readonly actor: string;
};

/** Whose refunds a repair of a purchase may decide about: those of its account and of its deposit address. */
export function refundOwnerOf({ checkout }: RepairFacts) {
  return { account: accounts.purchase(checkout.purchaseId), depositAddressId: checkout.depositAddressId };
}

/** What came of a repair: words for people, what programs may want, and the workflows to wake besides the purchase's own. */
export type RepairOutcome = {
  readonly text: string;
  readonly data?: Readonly<Record<string, JsonValue>>;
  readonly wakes?: readonly string[];
};

/** One call of a repair, its input checked. `refuse` is pure and says why not, or null; `apply` writes in one transaction. */
export type PreparedRepair = {
  readonly input: Readonly<Record<string, JsonValue>>;
  readonly refuse: (facts: RepairFacts) => Error | null;
  readonly apply: (work: RepairWork) => Promise<RepairOutcome>;
};

/** A repair as one value. `fields` are its own input beside who, why and under which request id. */
export type Repair = {
  readonly action: string;
  readonly prepare: (input: unknown) => PreparedRepair;
};

/** States a repair. Its input is what `fields` allow and nothing else: an unknown member is refused. Throws {@link InvalidRepair}. */
export function defineRepair<Fields extends z.ZodRawShape>(definition: {
  readonly action: string;
  readonly fields: Fields;
  readonly refuse: (facts: RepairFacts, input: z.output<z.ZodObject<Fields, z.core.$strict>>) => Error | null;
  readonly apply: (work: RepairWork, input: z.output<z.ZodObject<Fields, z.core.$strict>>) => Promise<RepairOutcome>;
}): Repair {
  const schema = z.strictObject(definition.fields);
  return {
    action: definition.action,
    prepare: (given) => {
      const input = parseRepair(schema, given);
      return {
        input: z.record(z.string(), z.json()).parse(input),
        refuse: (facts) => definition.refuse(facts, input),
        apply: (work) => definition.apply(work, input),
      };
    },
  };
}
