import { join } from 'node:path';
import { ChainNode, type Genesis } from '@perigee/chain';
import { systemClock } from '@perigee/net';
import { readKey } from '../keys.ts';

export interface EmbeddedEngineOptions {
  readonly home: string;
  readonly genesis: Genesis;
  /** Paths of the validators' keys. */
  readonly validatorKeys: readonly string[];
  readonly blockMs: number;
}

/** A development chain whose blocks this process makes. */
export async function openEmbeddedChain({ home, genesis, validatorKeys, blockMs }: EmbeddedEngineOptions): Promise<ChainNode> {
  const signers = await Promise.all(validatorKeys.map(readKey));
  return ChainNode.open({ dir: join(home, 'chain'), genesis, signers, clock: systemClock, blockIntervalMs: blockMs });
}
