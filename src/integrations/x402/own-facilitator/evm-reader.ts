import type { FacilitatorEvmSigner } from "@x402/evm";
import type { Abi, PublicClient, TypedData, TypedDataDomain } from "viem";
import { z } from "zod";

// The package's types say `unknown` where viem wants its own shapes; these only give them their name.
const AbiShape = z.custom<Abi>((value) => Array.isArray(value));
const DomainShape = z.custom<TypedDataDomain>((value) => typeof value === "object" && value !== null);
const TypesShape = z.custom<TypedData>((value) => typeof value === "object" && value !== null);

/**
 * The part of the package's signer that looks and never writes: its checks run on this, while what is sent is signed and recorded by
 * ourselves first. Whoever asks it to write has found a way around the books.
 */
export function openEvmReader(client: PublicClient, wallet: `0x${string}`): FacilitatorEvmSigner {
  return {
    getAddresses: () => [wallet],
    readContract: ({ address, abi, functionName, args }) =>
      client.readContract({ address, abi: AbiShape.parse(abi), functionName, args: [...(args ?? [])] }),
    verifyTypedData: ({ address, domain, types, primaryType, message, signature }) =>
      client.verifyTypedData({
        address,
        domain: DomainShape.parse(domain),
        types: TypesShape.parse(types),
        primaryType,
        message,
        signature,
      }),
    getCode: ({ address }) => client.getCode({ address }),
    writeContract: refuse,
    sendTransaction: refuse,
    waitForTransactionReceipt: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Error("Settlements are signed and recorded before they are sent.");
}
