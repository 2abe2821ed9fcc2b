/**
 * What of this room's workflow subjects has ended for good, by the kind in front of the id: a SELECT that finds a row where it has, asked
 * with `subject.id`. Their wakes are deleted a month later by the one schedule that does so for every room. A payment counts once its
 * block is final: until then it is looked at again.
 */
export const CLOSED_ACCESS_SUBJECTS: Readonly<Record<string, string>> = {
  "access-session": "SELECT FROM access_sessions x WHERE x.id = subject.id AND x.status <> 'active'",
  "access-payment": `SELECT FROM access_payments x WHERE x.id = subject.id AND x.status NOT IN ('submitted', 'unknown')
    AND (x.final_at IS NOT NULL OR x.status IN ('failed', 'reversed') OR x.dialect = 'balance')`,
  payout: "SELECT FROM access_payouts x WHERE x.id = subject.id AND x.status <> 'open'",
  // Given up after three days at the latest, and the event may be deleted before its wake.
  "merchant-notice": "SELECT",
};
