import { z } from "zod";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { Session } from "../session.ts";
import { secondsLeft } from "./session-lifecycle.ts";

/** How long a session still runs, as everybody may know it who asks about its asset. */
const TimeLeft = {
  secondsLeft: z.number().int().meta({ description: "Whole seconds, by the server's clock; 0 once it is over." }),
  minutesLeft: z.number().meta({ description: "The same in minutes, rounded down to hundredths." }),
  expiresAt: z.string().nullable(),
  serverTime: z.string(),
};

/** A session as its holder sees it. Source: seed 001, "minutesLeft". */
export const SessionView = z
  .object({
    sessionId: z.string(),
    assetId: z.string(),
    status: z.enum(["active", "expired", "stopped", "revoked"]),
    ...TimeLeft,
    expiresAt: z.string(),
    isActive: z.boolean(),
    isExtended: z.boolean(),
    isBeingPaid: z
      .boolean()
      .meta({ description: "Its time is over and an extension is being paid, which keeps it alive for a while." }),
    startedAt: z.string(),
    endedAt: z.string().nullable(),
    units: z.number().int(),
    unit: z.string(),
    paid: z.string().meta({ description: "US dollars." }),
  })
  .meta({ id: "AccessSession" });

/** Whether an asset is in use, without saying by whom. */
export const AccessView = z
  .object({ assetId: z.string(), active: z.boolean(), startedAt: z.string().nullable(), ...TimeLeft })
  .meta({ id: "AccessStatus" });

/** A session on the wire, at a moment of the database's clock. */
export function viewSession(session: Session, now: Date): z.input<typeof SessionView> {
  const isActive = session.status === "active";
  return {
    sessionId: session.id,
    assetId: session.assetId,
    status: session.status,
    ...timeLeft(session, now),
    expiresAt: session.expiresAt.toISOString(),
    isActive,
    isExtended: session.isExtended,
    isBeingPaid: isActive && now >= session.expiresAt,
    startedAt: session.startedAt.toISOString(),
    endedAt: session.endedAt?.toISOString() ?? null,
    units: session.units,
    unit: session.unit,
    paid: formatDollars(session.paid),
    serverTime: now.toISOString(),
  };
}

/** An asset's use on the wire; `session` is its active one. */
export function viewAccess(assetId: string, session: Session | null, now: Date): z.input<typeof AccessView> {
  return {
    assetId,
    active: session !== null,
    startedAt: session?.startedAt.toISOString() ?? null,
    expiresAt: session?.expiresAt.toISOString() ?? null,
    ...(session === null ? { secondsLeft: 0, minutesLeft: 0 } : timeLeft(session, now)),
    serverTime: now.toISOString(),
  };
}

function timeLeft(session: Session, now: Date) {
  const seconds = secondsLeft(session, now);
  return { secondsLeft: seconds, minutesLeft: Math.floor((seconds * 100) / 60) / 100 };
}
