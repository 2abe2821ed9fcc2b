import { TokenNotSupported } from "../errors.ts";
import type { SweepSteps } from "./sweep-method.ts";

/** For tokens without EIP-3009: the vendor wallet gives the deposit address its gas, then the deposit key sends the tokens. */
export const gasTopUp: SweepSteps = {
  prepare: async (needs, { token }) => {
    throw new TokenNotSupported(token.symbol, needs.chain.network.name);
  },
};
