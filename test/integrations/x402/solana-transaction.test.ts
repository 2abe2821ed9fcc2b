import { createHash } from "node:crypto";
import {
  AddressLookupTableAccount,
  ComputeBudgetProgram,
  Keypair,
  PublicKey,
  SystemProgram,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from "@solana/web3.js";
import { describe, expect, it } from "vitest";
import { readSolanaTransaction } from "../../../src/integrations/x402/solana-transaction.ts";
import { tokenAccountOf } from "../../../src/integrations/x402/token-account.ts";
import { codeOf } from "./code-of.ts";
import { FEE_PAYER, SOLANA, SOLANA_MERCHANT } from "./offers.ts";

const TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const MEMO = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
const LIGHTHOUSE = "L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95";
const MINT = SOLANA.tokens[0]?.address ?? "";
const BLOCKHASH = "GfVcyD4kkTrj4bKc7WA9sZCin9JDbdT4Zkd3EittNR1W";

const payer = Keypair.fromSeed(new Uint8Array(32).fill(9));
const owner = payer.publicKey.toBase58();
const accountOf = (wallet: string) => tokenAccountOf({ owner: wallet, mint: MINT, tokenProgram: TOKEN_PROGRAM }) ?? "";

const LIMIT = ComputeBudgetProgram.setComputeUnitLimit({ units: 20_000 });
const PRICE = ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1 });
const of = (program: string, data: Uint8Array | string, accounts: readonly string[] = []) =>
  new TransactionInstruction({
    programId: new PublicKey(program),
    keys: accounts.map((account) => ({
      pubkey: new PublicKey(account),
      isSigner: account === owner,
      isWritable: account !== MINT && account !== owner,
    })),
    data: Buffer.from(data),
  });
const memo = (text: string) => of(MEMO, text);

function transferData(units: bigint): Buffer {
  const data = Buffer.alloc(10);
  data.writeUInt8(12, 0);
  data.writeBigUInt64LE(units, 1);
  data.writeUInt8(6, 9);
  return data;
}

function transfer(over: { units?: bigint; program?: string; authority?: string } = {}) {
  const accounts = [accountOf(owner), MINT, accountOf(SOLANA_MERCHANT), over.authority ?? owner];
  return of(over.program ?? TOKEN_PROGRAM, transferData(over.units ?? 100_000n), accounts);
}

const USUAL = [LIMIT, PRICE, transfer(), memo("quo_1")];

function compile(instructions: readonly TransactionInstruction[], tables?: AddressLookupTableAccount[]) {
  const terms = { payerKey: new PublicKey(FEE_PAYER), recentBlockhash: BLOCKHASH, instructions: [...instructions] };
  return new VersionedTransaction(new TransactionMessage(terms).compileToV0Message(tables));
}

function signed(instructions: readonly TransactionInstruction[], tables?: AddressLookupTableAccount[]): Buffer {
  const transaction = compile(instructions, tables);
  transaction.sign([payer]);
  return Buffer.from(transaction.serialize());
}

const read = (bytes: Uint8Array) =>
  readSolanaTransaction(SOLANA, { transaction: Buffer.from(bytes).toString("base64") });
const refusal = (instructions: readonly TransactionInstruction[]) =>
  codeOf(() => read(signed(instructions))).replace("payment_payload_invalid: ", "");

describe("readSolanaTransaction", () => {
  it("reads who pays which account how much, and proves the signature", () => {
    const bytes = signed(USUAL);
    const message = compile(USUAL).message.serialize();
    expect(read(bytes)).toEqual({
      network: "solana:local",
      kind: "solana",
      key: createHash("sha256").update(message).digest("hex"),
      payer: owner,
      payTo: accountOf(SOLANA_MERCHANT),
      asset: MINT,
      amountUnits: 100_000n,
      memo: "quo_1",
      validFrom: null,
      validUntil: null,
      feePayer: FEE_PAYER,
      tokenProgram: TOKEN_PROGRAM,
      signature: "proven",
    });
  });

  it("X11: has one key whatever stands in the fee payer's empty signature", () => {
    const bytes = signed(USUAL);
    const filled = Buffer.from(bytes);
    filled.fill(7, 1, 65);
    expect(read(filled).key).toBe(read(bytes).key);
  });

  it("takes a payment without memo, and a wallet's own asserts", () => {
    expect(read(signed([LIMIT, PRICE, transfer()])).memo).toBeNull();
    const guards = [1, 2, 3].map((byte) => of(LIGHTHOUSE, Uint8Array.of(byte), [accountOf(owner)]));
    expect(read(signed([...USUAL, ...guards])).signature).toBe("proven");
  });

  it("finds the payer's signature wrong when it is missing or over another message", () => {
    const unsigned = Buffer.from(compile(USUAL).serialize());
    expect(read(unsigned).signature).toBe("wrong");
    const other = signed([LIMIT, PRICE, transfer(), memo("quo_2")]);
    const swapped = Buffer.concat([signed(USUAL).subarray(0, 129), other.subarray(129)]);
    expect(read(swapped).signature).toBe("wrong");
  });

  it.each([
    ["X12: a transfer of nothing", [LIMIT, PRICE, transfer({ units: 0n })], "amount_zero"],
    ["no transfer", [LIMIT, PRICE, of(MEMO, "a", [owner])], "transfer_missing"],
    [
      "a plain Transfer",
      [LIMIT, PRICE, of(TOKEN_PROGRAM, Uint8Array.of(3, 1, 0, 0, 0, 0, 0, 0, 0), [owner])],
      "transfer_missing",
    ],
    ["another program's transfer", [LIMIT, PRICE, transfer({ program: MEMO })], "transfer_missing"],
    ["no price", [LIMIT, transfer(), memo("a")], "transfer_missing"],
    ["the budget in another order", [PRICE, LIMIT, transfer()], "compute_budget"],
    ["X11: a second transfer", [...USUAL, transfer()], "unknown_instruction"],
    ["X11: a transfer of SOL", [...USUAL, sol(owner)], "unknown_instruction"],
    [
      "too many instructions",
      [...USUAL, ...[1, 2, 3, 4].map((n) => of(LIGHTHOUSE, Uint8Array.of(n)))],
      "too_many_instructions",
    ],
    ["X11: two memos", [...USUAL, memo("quo_1")], "several_memos"],
    ["a memo that is no text", [LIMIT, PRICE, transfer(), of(MEMO, Uint8Array.of(0xff, 0xfe))], "memo_malformed"],
    ["X11: the fee payer in a guard", [...USUAL, of(LIGHTHOUSE, "a", [FEE_PAYER])], "fee_payer_used"],
    ["X13: a durable nonce", [nonceAdvance(), LIMIT, PRICE, transfer()], "durable_nonce"],
  ])("refuses %s", (_what, instructions, reason) => {
    expect(refusal(instructions)).toBe(reason);
  });

  it("X11: refuses the fee payer as the one who pays", () => {
    const alone = Keypair.generate();
    const account = accountOf(alone.publicKey.toBase58());
    const own = new TransactionInstruction({
      programId: new PublicKey(TOKEN_PROGRAM),
      keys: [account, MINT, accountOf(SOLANA_MERCHANT), alone.publicKey.toBase58()].map((each) => ({
        pubkey: new PublicKey(each),
        isSigner: each === alone.publicKey.toBase58(),
        isWritable: true,
      })),
      data: transferData(100_000n),
    });
    const message = new TransactionMessage({
      payerKey: alone.publicKey,
      recentBlockhash: BLOCKHASH,
      instructions: [LIMIT, PRICE, own],
    }).compileToV0Message();
    const transaction = new VersionedTransaction(message);
    transaction.sign([alone]);
    expect(codeOf(() => read(transaction.serialize()))).toBe("payment_payload_invalid: signers");
  });

  it("X11: refuses a third signer and an owner who does not sign", () => {
    const third = Keypair.generate().publicKey;
    const guard = new TransactionInstruction({
      programId: new PublicKey(LIGHTHOUSE),
      keys: [{ pubkey: third, isSigner: true, isWritable: false }],
      data: Buffer.from("a"),
    });
    expect(refusal([...USUAL, guard])).toBe("signers");
    const stranger = transfer({ authority: SOLANA_MERCHANT });
    const signing = of(LIGHTHOUSE, "a", [owner]);
    expect(refusal([LIMIT, PRICE, stranger, signing])).toBe("payer_not_signer");
  });

  it("refuses look-up tables", () => {
    const table = new AddressLookupTableAccount({
      key: Keypair.generate().publicKey,
      state: {
        deactivationSlot: 2n ** 64n - 1n,
        lastExtendedSlot: 0,
        lastExtendedSlotStartIndex: 0,
        addresses: [new PublicKey(accountOf(SOLANA_MERCHANT))],
      },
    });
    expect(codeOf(() => read(signed(USUAL, [table])))).toBe("payment_payload_invalid: lookup_tables");
  });

  it("refuses bytes behind the message, which would be a second name for one payment", () => {
    const longer = Buffer.concat([signed(USUAL), Buffer.from([0])]);
    expect(codeOf(() => read(longer))).toBe("payment_payload_invalid: transaction_undecodable");
  });

  it("refuses every cut of a good transaction without failing itself", () => {
    const bytes = signed(USUAL);
    for (let length = 1; length < bytes.length; length += 1) {
      expect(codeOf(() => read(bytes.subarray(0, length)))).toMatch(/^payment_payload_invalid: /);
    }
  });

  it.each([
    ["nothing", {}],
    ["a number", { transaction: 1 }],
    ["no base64", { transaction: "***" }],
    ["a second member", { transaction: signed(USUAL).toString("base64"), signature: "x" }],
  ])("refuses %s", (_what, payload) => {
    expect(codeOf(() => readSolanaTransaction(SOLANA, payload))).toBe("payment_payload_invalid: transaction_malformed");
  });

  it("refuses what no cluster would take", () => {
    const large = { transaction: Buffer.alloc(1_300).toString("base64") };
    expect(codeOf(() => readSolanaTransaction(SOLANA, large))).toBe("payment_payload_invalid: transaction_too_large");
  });
});

function sol(from: string) {
  const fromPubkey = new PublicKey(from);
  return SystemProgram.transfer({ fromPubkey, toPubkey: new PublicKey(SOLANA_MERCHANT), lamports: 1 });
}

function nonceAdvance() {
  return SystemProgram.nonceAdvance({ noncePubkey: Keypair.generate().publicKey, authorizedPubkey: payer.publicKey });
}
