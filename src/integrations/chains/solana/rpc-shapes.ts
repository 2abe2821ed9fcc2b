import { z } from "zod";

const count = z.number().int().nonnegative();
const units = z.string().regex(/^[0-9]{1,20}$/);

/** A slot, a block height or a number of lamports. */
export const Count: typeof count = count;

/** A block's own hash, without its transactions. */
export const BlockShape = z.object({ blockhash: z.string() });

/** A recent blockhash and the block height up to which a transaction with it can be included. */
export const LatestBlockhash = z.object({
  value: z.object({ blockhash: z.string(), lastValidBlockHeight: count }),
});

/** The newest confirmed block: its slot and its hash. */
export const HeadShape = z.object({ context: z.object({ slot: count }), value: z.object({ blockhash: z.string() }) });

/** An account's program and data; null where there is none. */
const AccountShape = z
  .object({ owner: z.string(), lamports: count, data: z.tuple([z.string(), z.literal("base64")]) })
  .nullable();

/** Several accounts, in the order asked. */
export const AccountsShape = z.object({ value: z.array(AccountShape) });

/** Signatures of an account's transactions, newest first. `err` is null for those that succeeded. */
export const SignaturesShape = z.array(z.object({ signature: z.string(), slot: count, err: z.unknown() }));

/** Where transactions stand, in the order asked; null where the node knows none. */
export const StatusesShape = z.object({
  context: z.object({ slot: count }),
  value: z.array(z.object({ slot: count, err: z.unknown() }).nullable()),
});

const TokenBalance = z.object({
  accountIndex: count,
  mint: z.string(),
  owner: z.string().optional(),
  programId: z.string().optional(),
  uiTokenAmount: z.object({ amount: units }),
});

/** A transaction that is in a block, with what token accounts held before and after it. */
export const TransactionShape = z.object({
  slot: count,
  transaction: z.object({
    signatures: z.array(z.string()).min(1),
    message: z.object({ accountKeys: z.array(z.string()) }),
  }),
  meta: z.object({
    err: z.unknown(),
    fee: count,
    preTokenBalances: z.array(TokenBalance).nullish(),
    postTokenBalances: z.array(TokenBalance).nullish(),
    loadedAddresses: z.object({ writable: z.array(z.string()), readonly: z.array(z.string()) }).nullish(),
  }),
});

/** What a transaction would do: `err` is null when it would succeed. */
export const SimulationShape = z.object({ value: z.object({ err: z.unknown() }) });

/** One account. */
export const AccountValue = z.object({ value: AccountShape });
