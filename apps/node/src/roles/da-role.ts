import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createCodecPool } from '@perigee/da';
import { createDaNode, type DaNode, RowStore } from '@perigee/da/node';
import type { VerifiedState } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { type Host, systemClock } from '@perigee/net';
import type { PerigeeError } from '@perigee/wire';

export interface DaRoleOptions {
  readonly host: Host;
  readonly home: string;
  readonly state: VerifiedState;
  /** The member's committee key. */
  readonly signer: Ed25519Signer;
  readonly verifyEd25519: VerifyEd25519;
  readonly budgetBytes: number;
  readonly onFault: (error: PerigeeError) => void;
}

/** Data availability in this process: the row store, the codec's workers, and the role on top of them. */
export async function startDaRole(options: DaRoleOptions): Promise<{ readonly node: DaNode; stop(): Promise<void> }> {
  const { host, home, state, signer, verifyEd25519, budgetBytes, onFault } = options;
  const store = await RowStore.open({ dir: join(home, 'da'), budgetBytes, onFault });
  const pool = createCodecPool(Math.max(1, availableParallelism() - 1));
  const node = await createDaNode({ host, state, signer, store, pool, clock: systemClock, verifyEd25519, onFault });
  return {
    node,
    async stop() {
      await node.stop();
      await pool.close();
      await store.close();
    },
  };
}
