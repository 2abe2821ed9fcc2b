import { moveWakeSubject } from "../../integrations/chains/addresses/deposit-address-store.ts";
import { allocateDepositAddress } from "../../integrations/chains/addresses/deposit-addresses.ts";
import { acceptedTokens } from "../../integrations/chains/chain.ts";
import { suspenseReason } from "../../integrations/chains/deposits/credit-deposit.ts";
import type { Deposit } from "../../integrations/chains/deposits/deposit-store.ts";
import { worthOf } from "../../integrations/chains/deposits/deposit-value.ts";
import type { ScanNeeds } from "../../integrations/chains/deposits/deposits.ts";
import { observeAddress, readDeposits } from "../../integrations/chains/deposits/deposits.ts";
import type { KeyRing } from "../../integrations/chains/key-ring.ts";
import { isGasTankLow } from "../../integrations/chains/outgoing/watch-gas-tanks.ts";
import type { ChainRegistry } from "../../integrations/chains/registry.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import { add, ZERO } from "../../money/nanodollars.ts";
import type { Cashier, DepositTotals, PaymentMethod } from "./checkout.ts";
import { showDeposit } from "./deposit-view.ts";

/** What the cashier stands on. The key ring is the public half: it gives out addresses and can spend nothing. */
export type CashierNeeds = Omit<ScanNeeds, "chain"> & { readonly chains: ChainRegistry; readonly keyRing: KeyRing };

/** Binds the chains integration to what a checkout asks of it. */
export function openCashier(needs: CashierNeeds): Cashier {
  const { chains, keyRing } = needs;
  return {
    methods: paymentMethods(chains),
    isPaused: async (database, method) => {
      const { network } = chains.find(method.chain);
      const token = network.tokens.find(({ address }) => address === method.tokenAddress);
      return token?.sweepMethod === "gas_top_up" && isGasTankLow(database, { chain: network.id });
    },
    allocateAddress: (transaction, { chain, ...input }) => {
      const { kind } = chains.find(chain).network;
      return allocateDepositAddress({ database: transaction, keyRing }, { chainKind: kind, ...input });
    },
    readTotals: async (database, depositAddressId) =>
      sumDeposits(chains, await readDeposits(database, { depositAddressId })),
    listDeposits: async (database, depositAddressId) =>
      (await readDeposits(database, { depositAddressId })).map((deposit) =>
        showDeposit(chains.find(deposit.chain).network, deposit),
      ),
    lookNow: async (chain, depositAddressId) =>
      (await observeAddress({ ...needs, chain: chains.find(chain) }, { depositAddressId })).chainSeen,
    redirectWakes: (transaction, input) => moveWakeSubject(transaction, input),
  };
}

function paymentMethods(chains: ChainRegistry): readonly PaymentMethod[] {
  return chains.chains.flatMap(({ network }) =>
    acceptedTokens(network).map((token) => ({
      chain: network.shortName,
      token: token.symbol,
      tokenName: token.eip712?.name ?? token.symbol,
      tokenAddress: token.address,
      decimals: token.decimals,
      explorerUrl: network.explorerUrl === "" ? null : network.explorerUrl,
    })),
  );
}

function sumDeposits(chains: ChainRegistry, deposits: readonly Deposit[]): DepositTotals {
  const totalOf = (status: Deposit["status"]): Nanodollars =>
    add(ZERO, ...deposits.filter((deposit) => deposit.status === status).map((deposit) => amountOf(chains, deposit)));
  return { confirmed: totalOf("confirmed"), observed: totalOf("observed") };
}

/** Only what goes, or went, to the customer's account; a token that is no longer listed counts for nothing. */
function amountOf(chains: ChainRegistry, deposit: Deposit): Nanodollars {
  if (deposit.status === "observed" && suspenseReason(deposit) !== undefined) return ZERO;
  return worthOf(chains.find(deposit.chain).network, deposit)?.amount ?? ZERO;
}
