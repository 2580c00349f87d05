import { ChainView } from '@perigee/light-core/da';
import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { type Host, rowsProtocol, serve, uploadProtocol } from '@perigee/net';
import { ed25519Address, type PeerRecord, type PerigeeError } from '@perigee/wire';
import type { CodecPool } from '../codec/codec-pool.ts';
import type { RowStore } from '../store/row-store.ts';
import { PeerAnnouncer } from './peer-announcer.ts';
import { Reservations } from './reservations.ts';
import { Retention } from './retention.ts';
import { RowsService } from './rows-service.ts';
import { UploadService } from './upload-service.ts';

export interface DaNodeOptions {
  readonly host: Host;
  readonly state: VerifiedState;
  /** The member's committee key. */
  readonly signer: Ed25519Signer;
  /** The member's address in the committee; that of the key by default. */
  readonly address?: Uint8Array;
  /** Stays the caller's: it is not closed by `stop`. */
  readonly store: RowStore;
  /** Stays the caller's. */
  readonly pool: CodecPool;
  readonly clock: Clock;
  readonly verifyEd25519: VerifyEd25519;
  /** Told of failures that no peer is told of. */
  readonly onFault?: (error: PerigeeError) => void;
}

/** The role of a committee member: takes rows, signs for them, serves them, lets them go. */
export interface DaNode {
  readonly address: Uint8Array;
  /** Where this member can be reached, signed; `undefined` while it is not in the committee. */
  peerRecord(): Promise<PeerRecord | undefined>;
  stats(): {
    readonly openUploads: number;
    readonly storedBytes: number;
    readonly budgetBytes: number;
    /** Bytes of rows that were given since it was started. */
    readonly servedBytes: number;
  };
  /** No new requests; resolves when nothing is written any more. */
  stop(): Promise<void>;
}

/** Starts the role on a host. */
export async function createDaNode(options: DaNodeOptions): Promise<DaNode> {
  const { host, state, signer, store, pool, clock, verifyEd25519, onFault = () => {} } = options;
  const address = options.address ?? ed25519Address(signer.publicKey);
  const chain = new ChainView(state);
  const reservations = new Reservations();
  const uploads = new UploadService({ chain, store, pool, reservations, clock, verifyEd25519, signer, address });
  const rows = new RowsService(store, chain, address);
  const retention = new Retention({ chain, store, reservations, onFault });
  const announcer = new PeerAnnouncer({
    chain,
    clock,
    signer,
    address,
    peerId: host.peerId,
    multiaddrs: () => host.multiaddrs(),
  });
  const unsubscribe = state.onHead((head) => retention.onHead(head));
  const services = await Promise.all([
    serve(host, uploadProtocol, (request, context) => uploads.answer(request, context)),
    serve(host, rowsProtocol, (request, context) => rows.answer(request, context)),
  ]);
  return {
    address,
    peerRecord: () => announcer.record(),
    stats: () => ({
      openUploads: uploads.openUploads,
      storedBytes: store.usedBytes,
      budgetBytes: store.budgetBytes,
      servedBytes: rows.servedBytes,
    }),
    stop: async () => {
      unsubscribe();
      await Promise.all(services.map((end) => end()));
      await retention.idle();
    },
  };
}
