import { keepCheckingNetworks, unusedSettings } from "./access-networks.ts";
import { createApp, openAppSockets } from "./app.ts";
import { registerBusinessMetrics } from "./business-metrics.ts";
import { deprecations, readApiConfig, readOrExit } from "./config.ts";
import { openApiContext } from "./context.ts";
import { startServer } from "./platform/http/serve.ts";
import { forgetRegularly } from "./products/access/telling/forget-regularly.ts";
import { keepBuiltInCatalogue } from "./products/purchases/offer-catalogue.ts";
import { readBuiltInCatalogue } from "./products/purchases/offers.ts";
import { registerWatchMetrics } from "./watch-metrics.ts";

const DRAIN_MS = 25_000;
const SOCKET_DRAIN_MS = 5_000;

const config = readOrExit(readApiConfig);
const context = await openApiContext(config);
for (const line of deprecations(config)) context.logger.warn(line);
const { x402Networks: networks, facilitators } = context;
const named = { acceptedTokens: config.ACCEPTED_TOKENS, preferredNetwork: facilitators.preferredNetwork, networks };
for (const line of unusedSettings(named)) context.logger.warn(line);
await keepBuiltInCatalogue(context, readBuiltInCatalogue());

keepCheckingNetworks(context);
registerBusinessMetrics(context);
registerWatchMetrics(context);
forgetRegularly(context);

const [host, port] = listenAddress();
let stopping = false;
const app = createApp({ context, config, isDraining: () => stopping });
const server = await startServer(context, app, { host, port, requestTimeoutMs: config.REQUEST_TIMEOUT_SECONDS * 1000 });
const sockets = await openAppSockets({ context, config }, server.server);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    context.logger.info({ signal }, "draining");
    // An open socket keeps its connection: they go first, while requests still finish.
    Promise.all([sockets.drain(SOCKET_DRAIN_MS), server.drain(DRAIN_MS)])
      .then(() => context.close())
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        context.logger.error({ err: error }, "the drain failed");
        process.exit(1);
      });
  });
}

function listenAddress(): [string, number] {
  if (config.LISTEN_ADDR === undefined) return ["0.0.0.0", config.PORT];
  const colon = config.LISTEN_ADDR.lastIndexOf(":");
  return [config.LISTEN_ADDR.slice(0, colon).replace(/^\[|\]$/g, ""), Number(config.LISTEN_ADDR.slice(colon + 1))];
}
