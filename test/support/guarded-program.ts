import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a script that becomes `command` (its own arguments follow) and dies with the process that started it, within about a second,
 * even when that one is killed: for servers started by a library that would leave them behind. Returns the script's path.
 */
export function writeGuardedProgram(input: {
  readonly folder: string;
  readonly name: string;
  readonly command: readonly string[];
}): string {
  mkdirSync(input.folder, { recursive: true });
  const path = join(input.folder, input.name);
  const command = input.command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  // `exec` keeps the pid, so the library's own way of stopping it works; $$ is that pid in the watching subshell too.
  const script = `#!/bin/sh
( while kill -0 "$PPID" 2>/dev/null && kill -0 $$ 2>/dev/null; do sleep 1; done; kill -9 $$ 2>/dev/null ) </dev/null >/dev/null 2>&1 &
exec ${command} "$@"
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}
