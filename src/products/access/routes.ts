import type { Route } from "../../platform/http/define-route.ts";

/** Every endpoint of the access room (seed 001). */
export function accessRoutes(): readonly Route[] {
  return [];
}
