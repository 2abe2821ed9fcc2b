import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Call, parseJson, reply, startLoopbackServer } from "./loopback-server.ts";
import { CreateBody, InboxBody, readApiKey, UpdateBody, writeApiKey } from "./officex-contract.ts";
import { NEVER, type Part } from "./part.ts";

const CALLS_PER_MINUTE = 600;
const MINUTE_MS = 60_000;

const Faults = z.object({
  /** Every connection is cut, as by a dead server. */
  down: z.boolean().default(false),
  delayMs: z.number().int().min(0).max(120_000).default(0),
  /** The next n calls fail with 500 and change nothing. */
  failNext: z.number().int().min(0).max(10_000).default(0),
  /** The next n calls do their work and then fail with 500. */
  failAfterCommitNext: z.number().int().min(0).max(10_000).default(0),
  /** The next n calls are carried out twice, as by a proxy that repeats. */
  duplicateNext: z.number().int().min(0).max(10_000).default(0),
});

const Row = z.record(z.string(), z.unknown());
const Organisation = z.object({
  key: z.string(),
  records: z.record(z.string(), Row),
  /** Every status an update wrote, per purchase, oldest first. */
  history: z.record(z.string(), z.array(z.string())),
  inbox: z.array(InboxBody.extend({ id: z.string(), receivedAt: z.string() })),
});
const State = z.object({ organisations: z.record(z.string(), Organisation), faults: Faults });

type Organisation = z.infer<typeof Organisation>;
type State = z.infer<typeof State>;

/** What can go wrong on purpose; what is left out is off. */
export type OfficexFaults = z.input<typeof Faults>;

/** An organisation with the key its owner gives to a vendor, and everything it was told. */
export type OfficexOrg = { readonly orgId: string; readonly apiKey: string };

/** A stand-in for an OfficeX server with one organisation in it. `host` is what a buyer states as theirs. */
export type OfficexPart = Part & {
  readonly host: string;
  readonly org: OfficexOrg;
  readonly stateUrl: string;
  readonly faultsUrl: string;
  readonly addOrganisation: (orgId: string) => OfficexOrg;
};

type World = { readonly state: State; readonly save: () => void; readonly calls: Map<string, number[]> };

/**
 * Starts an HTTP server that keeps purchase records and inboxes of organisations as OfficeX's typescript-server does: its routes, limits,
 * keys and replies (`/v1/drive/:org/purchases/create|update|get|list|delete`, `/v1/drive/:org/organization/inbox`). `GET /state` shows
 * everything but keys; `PUT /faults` takes {@link OfficexFaults}. With `file` it remembers both over a restart.
 */
export async function startOfficex(options: { readonly port: number; readonly file?: string }): Promise<OfficexPart> {
  const state = readState(options.file);
  const world: World = { state, save: () => writeState(options.file, state), calls: new Map() };
  const orgId = Object.keys(state.organisations)[0] ?? "DriveID_sandbox";
  const org = addOrganisation(world, orgId);
  const server = await startLoopbackServer(options.port, (call) => answer(world, call));
  const host = `http://127.0.0.1:${options.port}`;
  return {
    name: "officex",
    source: "this project",
    host,
    org,
    stateUrl: `${host}/state`,
    faultsUrl: `${host}/faults`,
    addOrganisation: (id) => addOrganisation(world, id),
    died: NEVER,
    stop: server.stop,
  };
}

function addOrganisation({ state, save }: World, orgId: string): OfficexOrg {
  const made = state.organisations[orgId] ?? {
    key: randomBytes(24).toString("hex"),
    records: {},
    history: {},
    inbox: [],
  };
  state.organisations[orgId] = made;
  save();
  return { orgId, apiKey: writeApiKey(made.key) };
}

async function answer(world: World, call: Call): Promise<void> {
  const { state } = world;
  if (call.url.pathname === "/state") return reply(call.response, 200, shownState(state));
  if (call.url.pathname === "/faults") return setFaults(world, call);
  if (state.faults.down) return void call.response.destroy();
  await pause(state.faults.delayMs);
  if (takeFault(world, "failNext")) return refuse(call, 500, "internal");
  const isTwice = takeFault(world, "duplicateNext");
  const failsAfterwards = takeFault(world, "failAfterCommitNext");
  const first = route(world, call);
  const last = isTwice ? route(world, call) : first;
  world.save();
  if (failsAfterwards) return refuse(call, 500, "internal");
  reply(call.response, last.status, last.body);
}

type Answer = { readonly status: number; readonly body: unknown };

const no = (status: number, message: string): Answer => ({ status, body: { err: { code: status, message } } });
const yes = (data: unknown): Answer => ({ status: 200, body: { ok: { data } } });

function route(world: World, { url, body, request }: Call): Answer {
  const [, version, drive, orgId = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
  if (version !== "v1" || drive !== "drive") return no(404, "Route not found");
  const organisation = world.state.organisations[orgId];
  const key = readApiKey(request.headers.authorization);
  if (key === undefined) return no(401, "Authentication failed");
  if (organisation?.key !== key) return no(403, "Permission denied");
  if (isTooOften(world.calls, orgId)) return no(429, "Too many requests");
  const action = ACTIONS[`${request.method} ${rest.slice(0, 2).join("/")}`];
  return action?.(organisation, parseJson(body), rest[2] ?? "") ?? no(404, "Route not found");
}

type Action = (organisation: Organisation, body: unknown, id: string) => Answer;

const ACTIONS: Readonly<Record<string, Action>> = {
  "POST purchases/create": (organisation, body) => {
    const record = CreateBody.safeParse(body);
    if (!record.success) return no(400, "Validation failed");
    organisation.records[record.data.id] = { status: "REQUESTED", ...record.data };
    return yes(organisation.records[record.data.id]);
  },
  "POST purchases/update": (organisation, body) => {
    const change = UpdateBody.safeParse(body);
    if (!change.success) return no(400, "Validation failed");
    const { id, status } = change.data;
    const before = organisation.records[id];
    if (before === undefined) return no(404, "Purchase not found");
    organisation.records[id] = { ...before, ...change.data };
    if (status !== undefined) organisation.history[id] = [...(organisation.history[id] ?? []), status];
    return yes(organisation.records[id]);
  },
  "GET purchases/get": ({ records }, _, id) =>
    records[id] === undefined ? no(404, "Purchase not found") : yes(records[id]),
  "POST purchases/list": ({ records }) => yes({ items: Object.values(records) }),
  "POST purchases/delete": ({ records }, body) => {
    const { data } = z.object({ id: z.string() }).safeParse(body);
    if (data === undefined || records[data.id] === undefined) return no(404, "Purchase not found");
    delete records[data.id];
    return yes({ id: data.id, deleted: true });
  },
  "POST organization/inbox": ({ inbox }, body) => {
    const notice = InboxBody.safeParse(body);
    if (!notice.success) return no(400, "Validation failed");
    const id = `InboxNotifID_${randomUUID()}`;
    inbox.push({ ...notice.data, id, receivedAt: new Date().toISOString() });
    return yes({ inbox_notif_id: id, drive_id: notice.data.drive_id, timestamp_ms: Date.now(), note: "" });
  },
};

function isTooOften(calls: Map<string, number[]>, orgId: string): boolean {
  const recent = (calls.get(orgId) ?? []).filter((time) => time > Date.now() - MINUTE_MS);
  recent.push(Date.now());
  calls.set(orgId, recent);
  return recent.length > CALLS_PER_MINUTE;
}

function setFaults(world: World, { body, response }: Call): void {
  const faults = Faults.safeParse(parseJson(body));
  if (faults.success) Object.assign(world.state.faults, faults.data);
  world.save();
  reply(response, faults.success ? 200 : 400, world.state.faults);
}

function takeFault({ state }: World, name: "failNext" | "failAfterCommitNext" | "duplicateNext"): boolean {
  if (state.faults[name] === 0) return false;
  state.faults[name] -= 1;
  return true;
}

function refuse({ response }: Call, status: number, message: string): void {
  reply(response, status, no(status, message).body);
}

function shownState({ organisations, faults }: State) {
  const shown = Object.entries(organisations).map(([orgId, { records, history, inbox }]) => [
    orgId,
    { records, history, inbox },
  ]);
  return { organisations: Object.fromEntries(shown), faults };
}

function readState(file: string | undefined): State {
  const nothing: State = { organisations: {}, faults: Faults.parse({}) };
  if (file === undefined || !existsSync(file)) return nothing;
  return State.parse(JSON.parse(readFileSync(file, "utf8")));
}

function writeState(file: string | undefined, state: State): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.draft`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.draft`, file);
}
