import { formatDollars, subtract } from "../../../money/nanodollars.ts";
import { feeInNanodollars } from "../fees/split.ts";
import type { LogRecord, PaymentRecord } from "./payment-record-store.ts";

/** A payment as a merchant reads it: amounts in dollars and, with `Units`, in base units of its token. */
export function showPayment(payment: PaymentRecord) {
  const { amountUnits, feeUnits, gross, createdAt, resolvedAt, ...rest } = payment;
  const fee = feeInNanodollars({ amountUnits, feeUnits, gross });
  return {
    ...rest,
    amount: formatDollars(gross),
    fee: formatDollars(fee),
    net: formatDollars(subtract(gross, fee)),
    amountUnits: amountUnits.toString(),
    feeUnits: feeUnits.toString(),
    netUnits: (amountUnits - feeUnits).toString(),
    createdAt: createdAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
  };
}

/** A line of the log without what only operators read. */
export function showLogLine(line: LogRecord) {
  const { facilitatorResponse: _operatorsOnly, occurredAt, ...rest } = line;
  return { ...rest, occurredAt: occurredAt.toISOString() };
}

/** A line of the log with the facilitator's own answer. */
export function showWholeLogLine(line: LogRecord) {
  return { ...showLogLine(line), facilitatorResponse: line.facilitatorResponse };
}
