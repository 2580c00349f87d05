/** What CometBFT asked of an application, and the same asked of another one directly, as the embedded engine does. */
import { type Application, type Genesis, StateMachine } from '@perigee/chain';
import { lastResultsHash } from '@perigee/light-core/comet';
import { bestEd25519 } from '@perigee/light-core/signature';
import { toHex } from '@perigee/wire';
import { temporaryFolder } from '../kit/folder.ts';

type Block = Parameters<Application['finalizeBlock']>[0];

/** Of a block, hexadecimal. */
export interface BlockHashes {
  readonly height: number;
  readonly appHash: string;
  readonly lastResultsHash: string;
}

export interface Recording {
  readonly blocks: Block[];
  wrap(app: Application): Application;
}

export function recording(): Recording {
  const blocks: Block[] = [];
  return {
    blocks,
    wrap: (app) =>
      new Proxy(app, {
        get(target, name) {
          const member = Reflect.get(target, name) as (request: Block) => unknown;
          return (request: Block) => {
            if (name === 'finalizeBlock') blocks.push(structuredClone(request));
            return member.call(target, request);
          };
        },
      }),
  };
}

/** Executes recorded blocks on a state machine that never heard of CometBFT. */
export async function replayed(genesis: Genesis, blocks: readonly Block[]): Promise<BlockHashes[]> {
  const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);
  const machine = await StateMachine.open({ dir: temporaryFolder('replay'), verifyEd25519 });
  try {
    await machine.initChain(genesis.initChain);
    const hashes: BlockHashes[] = [];
    for (const block of blocks) {
      const { appHash, txResults } = await machine.finalizeBlock(block);
      await machine.commit();
      hashes.push({ height: block.height, appHash: toHex(appHash), lastResultsHash: toHex(lastResultsHash([...txResults])) });
    }
    return hashes;
  } finally {
    await machine.close();
  }
}
