/** One forward-only step: raw SQL, run once in its own transaction by the owner role. Never edited once released. */
export type Migration = { readonly name: string; readonly sql: string };
