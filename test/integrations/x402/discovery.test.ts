import { extractDiscoveryInfo, validateDiscoveryExtension } from "@x402/extensions/bazaar";
import { expect, it } from "vitest";
import { offerDiscovery } from "../../../src/integrations/x402/discovery.ts";
import { optionFor, RESOURCE_URL, SOLANA } from "./offers.ts";

it("is a declaration that facilitators' own package takes, and finds the resource by", () => {
  const extensions = JSON.parse(JSON.stringify(offerDiscovery()));
  expect(validateDiscoveryExtension(extensions.bazaar)).toEqual({ valid: true });
  const requirements = JSON.parse(JSON.stringify(optionFor(SOLANA).requirements));
  const payment = { x402Version: 2, accepted: requirements, payload: {}, resource: { url: RESOURCE_URL }, extensions };
  expect(extractDiscoveryInfo(payment, requirements)).toMatchObject({
    resourceUrl: RESOURCE_URL,
    method: "POST",
    discoveryInfo: { input: { body: { units: 1 } } },
  });
});
