import type { LightNodeState } from '@perigee/sampler';

/** What a site is told of the newest verified header. */
export function headState({ chain, head, freshness, peers }: LightNodeState, nowMs: number) {
  if (chain === undefined || head === undefined) return undefined;
  const { height, headerHash, timeMs, validators, signedPower, confidence } = head;
  return {
    chainId: chain.chainId,
    genesisHash: chain.genesisHash,
    /** Not a chain for anything of value. */
    development: chain.development ?? null,
    height,
    headerHash,
    timeMs,
    ageMs: Math.max(0, nowMs - timeMs),
    freshness,
    validators,
    signedPower: signedPower ?? null,
    sources: head.sources.length,
    confidence: confidence === undefined ? null : { ...confidence, bits: confidence.bits ?? null },
    peers: peers.filter(({ connected }) => connected).length,
  };
}
