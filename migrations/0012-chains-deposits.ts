import type { Migration } from "./migration.ts";

/**
 * Deposits until they are final, and deposits nobody asked for.
 *
 * A credited deposit is looked at again until its block is final: `checked_block` is the head of the last look, `doubted_block` the head
 * at which its block was first seen replaced, `credits` how often it was credited (a transfer may come back after a reversal). Those older
 * than a day are taken as final, so an upgrade does not look at all of history. Coins and tokens nobody asked for end in suspense:
 * `kind` says how they were found, `announced_units` what a token's event said where less arrived, `assigned_from` whose account they
 * came from when an operator gave them away. A transfer straight to a wallet of ours has no deposit address.
 */
export const chainsDeposits: Migration = {
  name: "0012-chains-deposits",
  sql: `
ALTER TABLE deposits DROP CONSTRAINT deposits_status_check;
ALTER TABLE deposits DROP CONSTRAINT deposits_check;
ALTER TABLE deposits DROP CONSTRAINT deposits_check1;
ALTER TABLE deposits ALTER COLUMN deposit_address_id DROP NOT NULL;
ALTER TABLE deposits
  ADD COLUMN kind text NOT NULL DEFAULT 'token' CHECK (kind IN ('token', 'unknown_token', 'native_coin')),
  ADD COLUMN announced_units numeric(78,0),
  ADD COLUMN credits integer NOT NULL DEFAULT 0,
  ADD COLUMN checked_block bigint,
  ADD COLUMN doubted_block bigint,
  ADD COLUMN final_at timestamptz,
  ADD COLUMN assigned_from text,
  ADD CONSTRAINT deposits_status_check
    CHECK (status IN ('observed', 'confirmed', 'suspense', 'orphaned', 'reversed', 'refunded')),
  ADD CONSTRAINT deposits_confirmed_at_check
    CHECK ((status IN ('confirmed', 'suspense', 'reversed', 'refunded')) = (confirmed_at IS NOT NULL)),
  ADD CONSTRAINT deposits_announced_check CHECK (announced_units IS NULL OR announced_units > amount_units);
UPDATE deposits SET credits = 1 WHERE status = 'confirmed';
UPDATE deposits SET final_at = confirmed_at WHERE status = 'confirmed' AND confirmed_at < now() - interval '1 day';
CREATE INDEX deposits_not_final ON deposits (chain, block_number)
  WHERE final_at IS NULL AND status IN ('confirmed', 'suspense', 'refunded');
CREATE INDEX deposits_in_suspense ON deposits (observed_at, id) WHERE status = 'suspense';

-- Symbols of the tokens that are credited at an address; null takes every token the chain offers.
ALTER TABLE deposit_addresses ADD COLUMN accepts text[];

-- Coins and tokens nobody asked for are looked for seldom, and only at the newest addresses.
ALTER TABLE chain_cursors ADD COLUMN odd_looked_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE TABLE address_looks (
  chain text NOT NULL,
  deposit_address_id text NOT NULL REFERENCES deposit_addresses (id),
  looked_at timestamptz NOT NULL DEFAULT now(),
  looked_to bigint NOT NULL,
  PRIMARY KEY (chain, deposit_address_id)
);
GRANT SELECT, INSERT, UPDATE ON address_looks TO tollkeeper_app;
`,
};
