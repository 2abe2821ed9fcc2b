/**
 * A purchase's own customer, by its `cbk_` key. `subject` is the purchase id. `isReplaced` says that a newer key exists and this one
 * only works till its overlap ends.
 */
export type CustomerPrincipal = {
  readonly kind: "customer";
  readonly subject: string;
  readonly purchaseId: string;
  readonly isReplaced: boolean;
};

/** A purchase's metering server, by its `vbk_` key. `subject` is the purchase id. */
export type VendorPrincipal = { readonly kind: "vendor"; readonly subject: string; readonly purchaseId: string };

/** A merchant of the access room, by its `sk_live_` or `sk_test_` key. `subject` is the merchant id, `keyId` says which of its keys it is. */
export type MerchantPrincipal = {
  readonly kind: "merchant";
  readonly subject: string;
  readonly merchantId: string;
  readonly keyId: string;
};

/** The operator, by the one admin token. */
export type AdminPrincipal = { readonly kind: "admin"; readonly subject: "admin" };

declare module "../platform/http/authenticate.ts" {
  interface AuthenticationSchemes {
    readonly customerKey: CustomerPrincipal;
    readonly vendorKey: VendorPrincipal;
    readonly merchantKey: MerchantPrincipal;
    readonly adminToken: AdminPrincipal;
  }
}

/**
 * Lets a caller touch only what its key is for. Throws what `notFound` makes, a 404, so that a valid key tells nothing about which
 * other ids exist.
 */
export function requireSubject(principal: { readonly subject: string }, subject: string, notFound: () => Error): void {
  if (principal.subject !== subject) throw notFound();
}
