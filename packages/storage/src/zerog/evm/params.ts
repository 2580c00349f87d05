/** What of a chain's genesis its Ethereum clients ask for. */
export interface EthereumParams {
  /** Chain id by which Ethereum wallets know the chain. */
  readonly ethereumChainId: number;
  /** Smallest units for a unit of gas. */
  readonly gasPrice: bigint;
  /** Smallest units; none on a chain that stores no files. */
  readonly pricePerSector: bigint | undefined;
  /** Gas of a block at most; negative for no bound. */
  readonly maxGas: bigint;
}
