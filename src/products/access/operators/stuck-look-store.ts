/**
 * What of this room can stand still, by the kind the operators' watch knows it as: a SELECT of subject, since, the reason of its own and
 * words. The watch of all rooms asks them together and knows the limits.
 */
export const STUCK_ACCESS_LOOKS: Readonly<Record<string, string>> = {
  access_payment: `SELECT 'access-payment/' || p.id AS subject, p.created_at AS since, coalesce(l.code, 'outcome_unknown') AS reason,
      p.amount_units || ' base units of ' || p.token || ' from ' || p.payer || ' on ' || p.network || '. ' || coalesce(l.detail, '') AS detail
    FROM access_payments p LEFT JOIN LATERAL (SELECT code, detail FROM access_payment_log
      WHERE payment_id = p.id ORDER BY number DESC LIMIT 1) l ON true
    WHERE p.status IN ('submitted', 'unknown')`,
  access_not_final: `SELECT 'access-payment/' || p.id AS subject, p.resolved_at AS since, 'payment_not_final' AS reason,
      p.transaction || ' on ' || p.network || '.' AS detail
    FROM access_payments p WHERE p.final_at IS NULL AND p.status IN ('settled', 'unserved') AND p.dialect <> 'balance'`,
  access_session: `SELECT 'access-session/' || s.id AS subject, s.expires_at AS since, 'session_overdue' AS reason,
      'On asset ' || s.asset_id || '.' AS detail FROM access_sessions s WHERE s.status = 'active'`,
  payout: `SELECT 'payout/' || o.id AS subject, o.created_at AS since, NULL AS reason,
      o.amount_units || ' base units of ' || o.token || ' to ' || o.destination || ' on ' || o.network || '.' AS detail
    FROM access_payouts o WHERE o.status = 'open'`,
};
