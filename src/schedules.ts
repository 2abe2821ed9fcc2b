import type { ScheduleRule } from "./platform/temporal/schedules.ts";

/** What runs by the clock, in UTC. */
export const schedules: readonly ScheduleRule[] = [
  {
    id: "reconcile-ledger",
    workflow: "reconcileLedger",
    spec: { calendars: [{ hour: 2, minute: 15, comment: "every night at 02:15 UTC" }] },
    summary: "Books: recomputed, compared and sealed",
  },
  {
    id: "release-stale-holds",
    workflow: "releaseStaleHolds",
    spec: { intervals: [{ every: "5 minutes" }] },
    summary: "Books: holds whose time has come are freed",
  },
  {
    id: "close-wakes",
    workflow: "closeWakes",
    spec: { calendars: [{ hour: 3, minute: 10, comment: "every night at 03:10 UTC" }] },
    summary: "Wakes of what ended a month ago are taken out, and what was told and is over for 90 days",
  },
  {
    id: "draw-invoices",
    workflow: "drawInvoices",
    spec: {
      calendars: [{ hour: 3, minute: 40, comment: "every night at 03:40 UTC; a month's on the first of the next" }],
    },
    summary: "Invoices: fees of direct sales of months that ended",
  },
  {
    id: "start-payouts",
    workflow: "startPayouts",
    spec: { calendars: [{ hour: 5, minute: 20, comment: "every day at 05:20 UTC" }] },
    summary: "Payouts: what custodial merchants are owed",
  },
  {
    id: "find-stuck",
    workflow: "findStuck",
    spec: { intervals: [{ every: "1 minute" }] },
    summary: "Stuck: what stands still past its time is written down and told",
  },
  {
    id: "reconcile-chains",
    workflow: "reconcileChains",
    spec: { calendars: [{ minute: 30, hour: "*", comment: "every hour, and so a quarter after the nightly books" }] },
    summary: "Chains: what they hold compared with the books",
  },
  {
    id: "watch-gas-tanks",
    workflow: "watchGasTanks",
    spec: { intervals: [{ every: "1 minute" }] },
    summary: "Gas tanks: read, and operators told when one runs low",
  },
];
