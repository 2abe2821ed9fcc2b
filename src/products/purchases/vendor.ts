/** Who sells: shown on receipts. `publicUrl` has no trailing slash. */
export type Vendor = {
  readonly id: string;
  readonly name: string;
  readonly publicUrl: string;
  readonly supportUrl: string | null;
};
