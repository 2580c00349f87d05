/** Who signed, and how: of transactions, and of orders that a chain settles. */
import { bytes, type Infer, message, uint32 } from '../proto/index.ts';

/** Authentication schemes. Numbers are final; a scheme is added, never reused. Scheme 3 has no envelope: its Ethereum bytes are the transaction. */
export const AUTH_SCHEME = { ed25519: 1, eip712: 2, ethRlp: 3 } as const;

export const Auth = message('Auth', {
  scheme: [1, uint32()],
  /** ed25519: 32 bytes, the sender's key or one of its session keys. EIP-712: none, the signature gives the address. */
  publicKey: [2, bytes(65)],
  /**
   * ed25519: 64 bytes over `'perigee/tx/v0' ‖ genesisHash ‖ canonical Tx without auth`. EIP-712: `r ‖ s ‖ v` over the typed data of the same
   * fields, s in the lower half, v 27 or 28.
   */
  signature: [3, bytes(65)],
});
export type Auth = Infer<typeof Auth>;
