const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a text can be kept as it was sent: no column keeps a zero character or half a surrogate pair. */
export function isKeepableText(value: string): boolean {
  return !value.includes("\0") && !LONE_SURROGATE.test(value);
}

/** Whether every text in a JSON value, names of members too, can be kept as it was sent. */
export function isKeepableJson(value: unknown): boolean {
  let keepable = true;
  JSON.stringify(value, (name, member: unknown) => {
    if (!isKeepableText(name) || (typeof member === "string" && !isKeepableText(member))) keepable = false;
    return member;
  });
  return keepable;
}
