export { checkout } from "./checkout.ts";
export { deliverNotice } from "./deliver-notice.ts";
export { purchase } from "./purchase-lifecycle.ts";
export { sweepDeposit } from "./sweep-deposit.ts";
export { watchChain } from "./watch-chain.ts";
