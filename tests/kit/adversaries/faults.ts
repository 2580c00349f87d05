/** The one fault of each adversary, as lies over what its honest part answers. */
import { createHash } from 'node:crypto';
import type { RequestContext } from '@perigee/net';
import { ROW_STATUS, type RowAnswer, type RowsRequest, type Status, type StatusRequest, u32le } from '@perigee/wire';
import { changedHeader } from './headers.ts';
import { eachAnswer, type HeaderLie, type Lies, type RowLie } from './liar.ts';
import { wrongBytes, wrongPath } from './rows.ts';
import { silentAboutRows } from './withhold.ts';

/** What an adversary does wrong; all else it does as it should. */
export type Fault =
  /** One bit of each row is another. */
  | { readonly kind: 'bitFlip' }
  /** One bit of each path is another. */
  | { readonly kind: 'wrongPath' }
  /** Refuses this share of the rows, 0 to 1, the same ones to everybody. */
  | { readonly kind: 'withhold'; readonly share: number }
  /** Gives rows to about half of those who ask, or every second row to all; the others are left out without a word. */
  | { readonly kind: 'selective'; readonly by: 'askers' | 'indices' }
  /** Takes requests for rows and says nothing. */
  | { readonly kind: 'stall' }
  /** Answers without end, for rows that nobody asked for. */
  | { readonly kind: 'flood' }
  /** Says that it has the chain, and gives headers with another state in them. */
  | { readonly kind: 'forgedHeader' }
  /** Says that it has the chain, that this is its last header, and knows nobody but others of its kind. */
  | { readonly kind: 'oldHead'; readonly height: number }
  /** Passes a chain of its own off as the one that is asked for. It is no committee member. */
  | { readonly kind: 'ownGenesis' }
  /** Has so much stake that its signature suffices, and certifies a blob whose parity rows are not the coding of its data. */
  | { readonly kind: 'wrongCoding'; readonly redundancy: 2 | 4 | 8; readonly accountKey: string };

/** Roles that a status names for a fault: whoever lies about the chain says that it has it. */
export function rolesOf({ kind }: Fault): readonly string[] {
  return kind === 'forgedHeader' || kind === 'oldHead' ? ['chain', 'da'] : ['da'];
}

/**
 * @param oldHash hash of the header at which `oldHead` stops
 * @param isOurs whether a member's record is one that `oldHead` hands on
 */
export function liesOf(fault: Fault, oldHash: Uint8Array, isOurs: (peerId: string) => boolean): Lies {
  switch (fault.kind) {
    case 'bitFlip':
      return { rows: rowsOnly(wrongBytes) };
    case 'wrongPath':
      return { rows: rowsOnly(wrongPath) };
    case 'withhold':
      return { rows: withholding(fault.share) };
    case 'selective':
      return { rows: fault.by === 'askers' ? rowsOnly(halfOfAskers) : rowsOnly(everySecond) };
    case 'stall':
      return { rows: silentAboutRows };
    case 'flood':
      return { rows: rowsOnly(endlessUnasked) };
    case 'forgedHeader':
      return { headers: changedHeader };
    case 'oldHead':
      return stoppedAt(fault.height, oldHash, isOurs);
    default:
      return {};
  }
}

/** Requests for primes are answered as they should be, so that nothing else keeps a row from its verdict. */
function rowsOnly(lie: RowLie): RowLie {
  return (honest) => (request, context) => (request.indices.length === 0 ? honest : lie(honest))(request, context);
}

function withholding(share: number): RowLie {
  return (honest) =>
    async function* (request, context) {
      for await (const answer of stream(honest(request, context))) {
        const isKept = answer.index !== undefined && draw(request.blobId, answer.index) < share;
        yield isKept ? { index: answer.index, status: ROW_STATUS.refused } : answer;
      }
    };
}

/** The same number for everybody, 0 to 1. */
function draw(blobId: Uint8Array, index: number): number {
  return createHash('sha256').update(blobId).update(u32le(index)).digest().readUInt32LE() / 2 ** 32;
}

const halfOfAskers: RowLie = (honest) => (request, context) => {
  const [first = 0] = createHash('sha256').update(context.peerId).digest();
  return first % 2 === 0 ? honest(request, context) : nothing();
};

const everySecond: RowLie = (honest) => (request, context) => {
  const indices = request.indices.filter((index) => index % 2 === 0);
  return indices.length === 0 && !request.prime ? nothing() : honest({ ...request, indices }, context);
};

const endlessUnasked: RowLie = () =>
  async function* ({ indices }: RowsRequest, { signal }: RequestContext) {
    for (let index = 0; !signal.aborted; index = (index + 1) % 65_536) {
      if (!indices.includes(index)) yield { index, status: ROW_STATUS.refused };
    }
  };

function stoppedAt(height: number, headerHash: Uint8Array, isOurs: (peerId: string) => boolean): Lies {
  const headers: HeaderLie = (honest) => (request, context) =>
    honest({ ...request, height: request.height === 0 ? height : Math.min(request.height, height), count: 1 }, context);
  const status = eachAnswer<StatusRequest, Status>((answer) => ({
    ...answer,
    height,
    headerHash,
    recentBlobs: [],
    peers: answer.peers.filter(({ body }) => isOurs(body.peerId)),
  }));
  return { headers, status };
}

async function* nothing(): AsyncGenerator<RowAnswer> {}

async function* stream(answers: AsyncIterable<RowAnswer> | Promise<RowAnswer>): AsyncGenerator<RowAnswer> {
  if (Symbol.asyncIterator in answers) yield* answers;
  else yield await answers;
}
