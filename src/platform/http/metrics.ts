import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Counts one finished request: its operation, its status and how long it took. */
export type ObserveRequest = (operationId: string, status: number, seconds: number) => void;

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A registry with this process's own metrics (memory, CPU, event loop lag); other rooms add theirs. */
export function createMetrics(options: { readonly processMetrics: boolean }): Registry {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  return registry;
}

/** Registers `http_request_duration_seconds{operation,status}` and answers the function that feeds it. */
export function observeRequests(registry: Registry): ObserveRequest {
  const histogram = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from a request's head to the end of its answer, by operation and status.",
    labelNames: ["operation", "status"],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const series = new Map<string, (seconds: number) => void>();
  return (operationId, status, seconds) => {
    const name = `${operationId} ${status}`;
    let observe = series.get(name);
    if (observe === undefined) {
      const labelled = histogram.labels({ operation: operationId, status: String(status) });
      observe = (value) => labelled.observe(value);
      series.set(name, observe);
    }
    observe(seconds);
  };
}
