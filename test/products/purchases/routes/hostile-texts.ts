/** Texts that have broken servers before. None of them may be more than a refusal, or words kept as they were sent. */
export const HOSTILE_TEXTS: readonly (readonly [string, string])[] = [
  ["SQL", "'; DROP TABLE purchases; --"],
  ["a union", "x' UNION SELECT key_hash FROM api_keys --"],
  ["a dollar quote", "$$; SELECT pg_sleep(10); $$"],
  ["bind marks", ":id ?? ? $1 ??::text"],
  ["a zero character", "a\u0000b"],
  ["half a surrogate pair", "a\ud800b"],
  ["markup", "<script>alert(1)</script>"],
  ["a formula", '=HYPERLINK("http://evil.example")'],
  ["line breaks", "a\r\nset-cookie: b=c"],
  ["an escape into JSON", '","balance":"999'],
];
