/** Another chain, as a link names it: to be shown in full. */
export interface TrustRequest {
  readonly chainId: string;
  readonly height: number;
  /** Hexadecimal, 32 bytes. */
  readonly headerHash: string;
  /** Multiaddrs to dial. They add peers, never trust. */
  readonly peers: readonly string[];
}

export interface EarlierChain {
  readonly chainId: string;
  /** It is shown now, in place of the one that this address serves. */
  readonly isOpen: boolean;
}
