import { availableParallelism } from 'node:os';
import { systemClock } from '@perigee/net';
import type { LightNode, StartProviderWalk } from '@perigee/sampler';
import { createFilePool, type FileParts } from '@perigee/sampler/files';
import { chainProtocol } from '@perigee/wire';
import { withLightNode } from '../light.ts';
import type { Trust } from '../trust.ts';

/** Threads that hash and check: the rest of the machine reads, writes and talks. */
const MAX_WORKERS = 4;

/** Loaded when a file must be looked for. */
const startWalk: StartProviderWalk = async (host, genesisHash) => {
  const { Kad } = await import('@perigee/net/kad');
  return Kad.start({ host, protocol: chainProtocol('kad', genesisHash), mode: 'client' });
};

/** Runs `use` with a light node of its own, and what transfers of stored files need of it. */
export async function withFiles<T>(
  trust: Trust,
  signal: AbortSignal,
  use: (parts: FileParts, node: LightNode) => Promise<T>,
): Promise<T> {
  const pool = createFilePool(Math.min(MAX_WORKERS, availableParallelism()));
  try {
    return await withLightNode({ ...trust, follow: false, workers: 1, startWalk }, signal, (node) =>
      use({ state: node.chain, storage: node.storage, pool, clock: systemClock }, node),
    );
  } finally {
    await pool.close();
  }
}
