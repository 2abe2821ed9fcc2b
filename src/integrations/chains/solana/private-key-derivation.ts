import { createHmac } from "node:crypto";

const HARDENED = 0x8000_0000;

/** A node of a SLIP-0010 tree: 32 bytes of private key, 32 bytes of chain code. Never leaves the signer. */
type PrivateNode = { readonly key: Buffer; readonly chainCode: Buffer };

/**
 * The ed25519 private key (32-byte seed) at a path such as `m/44'/501'/0'/0'` below a BIP-39 seed. Every step is hardened: this curve
 * has no other, so there is no public derivation either. Throws a plain error for a path with a step that is not. Source: SLIP-0010.
 */
export function derivePrivateKey(seed: Uint8Array, path: string): Uint8Array {
  const [root, ...steps] = path.split("/");
  if (root !== "m") throw new Error("A derivation path begins with m.");
  const node = steps.map(readStep).reduce(deriveChild, split(hmac(Buffer.from("ed25519 seed"), Buffer.from(seed))));
  return Uint8Array.from(node.key);
}

function deriveChild(parent: PrivateNode, index: number): PrivateNode {
  const data = Buffer.alloc(37);
  parent.key.copy(data, 1);
  data.writeUInt32BE(index + HARDENED, 33);
  return split(hmac(parent.chainCode, data));
}

function readStep(step: string): number {
  const index = /^([0-9]{1,10})'$/.exec(step)?.[1];
  if (index === undefined || Number(index) >= HARDENED) throw new Error("Every step of an ed25519 path is hardened.");
  return Number(index);
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac("sha512", key).update(data).digest();
}

function split(bytes: Buffer): PrivateNode {
  return { key: bytes.subarray(0, 32), chainCode: bytes.subarray(32) };
}
