import { median, medianSlice } from "../ledger/closed-loop.ts";
import { format, megabytes, round, table } from "../purchases/report.ts";
import type { Lateness } from "./expiry.ts";
import { addedOf, goalsOf, partsOf, ratioOf, totalsOf } from "./goals.ts";
import type { PaidNetwork } from "./paid.ts";
import type { AccessBenchResult } from "./run.ts";
import type { LiveSessions } from "./sessions.ts";
import type { UnpaidRound } from "./unpaid.ts";

/** The whole result as text. Pure. */
export function printAccessResult(result: AccessBenchResult): string {
  const { machine, paid, unpaid, sessions } = result;
  const goals = goalsOf(result).map(({ name, reached, wanted, met }) => [
    ...[name, round(reached), wanted],
    met ? "met" : "MISSED",
  ]);
  return [
    `${machine.cores} cores (${machine.model}), Node ${machine.node}; everything runs on them, the payers too. Load average ${machine.loadBefore.toFixed(1)} before, ${machine.loadAfter.toFixed(1)} after.`,
    ...paid.map(printPaid),
    printUnpaid(unpaid),
    printSessions(sessions),
    table(["goal", "reached", "wanted", ""], goals),
  ].join("\n");
}

/** The whole result for programs. Single payments are left out. Pure. */
export function accessToJson(result: AccessBenchResult): unknown {
  const { unpaid, sessions } = result;
  const paid = result.paid.map((network) => ({
    ...{
      network: network.network,
      pairs: network.pairs.length,
      failed: network.failed,
      milliseconds: totalsOf(network),
    },
    ...{ added: addedOf(network), parts: partsOf(network) },
  }));
  const ratios = { of_empty: ratioOf(unpaid, "empty"), of_naive: ratioOf(unpaid, "naive") };
  return { machine: result.machine, paid, unpaid: { rounds: unpaid, ...ratios }, sessions, goals: goalsOf(result) };
}

function printPaid(network: PaidNetwork): string {
  const { direct, ours } = totalsOf(network);
  const added = addedOf(network);
  const parts = partsOf(network);
  const part = (name: string, milliseconds: number) => [`  ${name}`, round(milliseconds), ""];
  return table(
    [
      `paid requests, ${network.network}, ${network.pairs.length} pairs, ${network.failed} left out`,
      "p50 ms",
      "p99 ms",
    ],
    [
      ["past us: sign, verify, settle, one read of the chain", round(direct.p50), round(direct.p99)],
      ...[part("sign", parts.direct.sign), part("verify", parts.direct.verify)],
      ...[part("settle", parts.direct.settle), part("read", parts.direct.read)],
      ["through us: 402, sign, paid request", round(ours.p50), round(ours.p99)],
      ...[part("402", parts.ours.offer), part("sign", parts.ours.sign)],
      part("until the payment is written down: parse, quote, verify", parts.ours.check),
      part("until it is settled: commit, settle, proof", parts.ours.settle),
      part("session, ledger, commit, answer", parts.ours.grant),
      ["we add (differences of pairs)", round(added.p50), round(added.p99)],
      ["through us / past us", round(ours.p50 / direct.p50), round(ours.p99 / direct.p99)],
    ],
  );
}

function printUnpaid(rounds: readonly UnpaidRound[]): string {
  const line = (name: string, of: (round: UnpaidRound) => UnpaidRound["ours"], ratio: number | "") => {
    const { perSecond, p50, p99 } = medianSlice(rounds.map(of));
    return [name, format(Math.round(perSecond)), round(p50), round(p99), ratio];
  };
  return table(
    ["unpaid requests, 64 in flight", "per second", "p50 ms", "p99 ms", "ours / this"],
    [
      line("the same HTTP, nothing behind it", ({ empty }) => empty, round(ratioOf(rounds, "empty"))),
      line("a first version: facilitator asked, three queries", ({ naive }) => naive, round(ratioOf(rounds, "naive"))),
      line("ours: 402 in three dialects, quote kept", ({ ours }) => ours, ""),
    ],
  );
}

function printSessions(live: LiveSessions): string {
  const each = (bytes: number) => `${round(bytes / live.sessions / 1_024)} KB each`;
  const late = (name: string, { p50, p99, max }: Lateness) => [
    `${name}: late by ms, p50, p99, most`,
    [p50, p99, max].map(round).join(", "),
  ];
  const middle = (of: (told: LiveSessions["broadcasts"][number]) => number) => round(median(live.broadcasts.map(of)));
  return table(
    [`${format(live.sessions)} live sessions, one worker, one API process`, ""],
    [
      ["worker's memory before, MB", megabytes(live.workerBefore)],
      ["worker's memory, all live, MB", `${megabytes(live.workerLive)}, ${each(live.workerLive - live.workerBefore)}`],
      ["API's memory before, MB", megabytes(live.apiBefore)],
      [
        "API's memory, a socket each, MB",
        `${megabytes(live.apiConnected)}, ${each(live.apiConnected - live.apiBefore)}`,
      ],
      ["an event of every session, commit to the socket in the middle, ms", middle(({ p50 }) => p50)],
      ["an event of every session, commit to the last socket, ms", middle(({ last }) => last)],
      ["API's processor time of all ticks of 30 s, ms", Math.round(live.tickCpuMs)],
      ["API's processor time of 30 s without a socket, ms", Math.round(live.idleCpuMs)],
      late("ends spread out", live.spread),
      late("ends in one second", live.together),
    ],
  );
}
