import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where root keeps what another system user must reach. */
export const SHARED_FOLDER = "/var/lib/tollkeeper";

/** A system user that may run a server which refuses to run as root. */
export type SystemUser = { readonly uid: number; readonly gid: number };

/**
 * Whom PostgreSQL runs as: undefined (ourselves) unless we are root, which it refuses. Then the system's `postgres` user, made if
 * the system can, else `nobody`.
 */
export function databaseUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = findUser("postgres");
  if (existing !== undefined) return existing;
  try {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false", "postgres"]);
  } catch {
    // Without useradd, or in a container that forbids it, `nobody` serves as well.
  }
  const user = findUser("postgres") ?? findUser("nobody");
  if (user === undefined)
    throw new Error("PostgreSQL refuses to run as root, and there is neither a postgres nor a nobody user.");
  return user;
}

/**
 * A directory for `purpose` that `user` can reach and owns: `wanted` itself, or, when a parent of it is closed to that user (a clone
 * in root's home), one under /var/lib/tollkeeper named after `wanted`.
 */
export function ownedDirectory(wanted: string, user: SystemUser | undefined): string {
  mkdirSync(dirname(wanted), { recursive: true });
  const path = reachableDirectory(wanted, user);
  openToAll(dirname(path), path !== wanted);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(path, user.uid, user.gid);
  return path;
}

/** Where `ownedDirectory` puts `wanted`, without making it. */
export function reachableDirectory(wanted: string, user: SystemUser | undefined): string {
  if (user === undefined || canTraverse(dirname(wanted), user)) return wanted;
  return join(SHARED_FOLDER, createHash("sha256").update(wanted).digest("hex").slice(0, 16));
}

/** Whether `user` may pass through `path` and every parent of it that exists. */
export function canTraverse(path: string, user: SystemUser): boolean {
  let current = path;
  while (!existsSync(current)) current = dirname(current);
  for (let folder = realpathSync(current); ; folder = dirname(folder)) {
    if (!mayEnter(statSync(folder), user)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayEnter(folder: Stats, user: SystemUser): boolean {
  if (folder.uid === user.uid) return (folder.mode & 0o100) !== 0;
  return (folder.mode & (folder.gid === user.gid ? 0o010 : 0o001)) !== 0;
}

function openToAll(folder: string, ours: boolean): void {
  if (!ours) return;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

function findUser(name: string): SystemUser | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}
