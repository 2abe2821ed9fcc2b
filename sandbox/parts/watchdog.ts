import { spawn } from "node:child_process";

/**
 * Starts a tiny shell that waits for this process to be gone, however it went, and then ends every process noted in the pid files
 * under `runDirectory`: first asked, after five seconds forced. So a `kill -9` of the parent leaves nothing behind. Returns the
 * function that ends it.
 */
export function startWatchdog(runDirectory: string): () => void {
  const script = [
    `while kill -0 "$1" 2>/dev/null; do sleep 1; done`,
    `pids=$(find "$2" -path '*/pids/*.json' 2>/dev/null | sed -n 's/^.*-\\([0-9][0-9]*\\)\\.json$/\\1/p')`,
    `for pid in $pids; do kill -s INT -- "-$pid" 2>/dev/null; done`,
    `[ -n "$pids" ] && sleep 5`,
    `for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done`,
  ].join("\n");
  const args = ["-c", script, "tollkeeper-watchdog", String(process.pid), runDirectory];
  // Its own session, no terminal, no files of ours: nothing waits for it and nothing of it holds a pipe open.
  const child = spawn("/bin/sh", args, { detached: true, stdio: "ignore", cwd: "/" });
  child.on("error", () => undefined);
  child.unref();
  return () => {
    child.kill("SIGKILL");
  };
}
