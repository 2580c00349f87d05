import type { LightNode } from '@perigee/sampler';
import {
  MAX_ATTESTATION_FILE_BYTES,
  MAX_KV_KEY_BYTES,
  MAX_SITE_BLOB_BYTES,
  MAX_SITE_PARAMS_CHARACTERS,
  MAX_SITE_RECEIPT_BYTES,
  MAX_SITE_REQUEST_CHARACTERS,
  toHex,
} from '@perigee/wire';
import { CODE, ProviderFailure } from '../failure.ts';
import type { Access } from '../site-book.ts';
import { blobBytes } from './blob-bytes.ts';
import { knownState, sampleBlob } from './blob-state.ts';
import { Fields } from './fields.ts';
import { headState } from './head-state.ts';

export const SUBSCRIPTION_KINDS = ['heads', 'blobs', 'alerts'] as const;
export type SubscriptionKind = (typeof SUBSCRIPTION_KINDS)[number];

/** A request that was read and found good. */
export interface Context {
  /** The node once it follows the chain. @throws 4900 */
  node(): Promise<LightNode>;
  readonly signal: AbortSignal;
  now(): number;
  /** @param file evidence of hardware; what it is found to be */
  attest(file: Uint8Array, collateralFile: Uint8Array | undefined, signal: AbortSignal): Promise<unknown>;
  /** @param file a receipt; what it is found to be against the chain */
  verifyReceipt(file: Uint8Array, signal: AbortSignal): Promise<unknown>;
  /** @throws -32005 */
  subscribe(kind: SubscriptionKind): Promise<string>;
  unsubscribe(id: string): boolean;
  /** All that the node shows. @param after the answer's name that the site has already @throws 4900 */
  shown(after: string | undefined): unknown;
}

type Work = (context: Context) => Promise<unknown>;

interface Method {
  readonly maxCharacters: number;
  readonly access: Access;
  /** Reads the parameters before anybody is asked anything. @throws -32602 */
  readonly read: (params: unknown) => Work;
}

const STREAM_BYTES = 32;
const SUBSCRIPTION_BYTES = 16;
const MAX_AGE_SECONDS = 86_400;
const MAX_TAG_CHARACTERS = 64;

function method(names: readonly string[], read: (fields: Fields) => Work, more: Partial<Method> = {}): Method {
  return {
    maxCharacters: MAX_SITE_PARAMS_CHARACTERS,
    access: 'answers',
    read: (params) => read(new Fields(params, names)),
    ...more,
  };
}

/** All that a site can ask; every one reads, none has an account, a key or a state to change. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    perigee_requestAccess: method([], () => async () => ({ granted: true })),

    perigee_head: method([], () => async (context) => {
      const node = await context.node();
      const head = headState(node.state, context.now());
      if (head === undefined)
        throw new ProviderFailure(CODE.disconnected, 'no header is verified yet; try again in a moment', 'UNPROVEN');
      return head;
    }),

    perigee_daStatus: method(['blobId'], (fields) => {
      const blobId = fields.blobId('blobId');
      return async ({ node, signal }) => {
        const running = await node();
        const known = knownState(running, blobId);
        if (known !== undefined) return known;
        const { rows, ...state } = await sampleBlob(running, blobId, 'full', signal);
        return state;
      };
    }),

    perigee_sample: method(['blobId', 'budget'], (fields) => {
      const blobId = fields.blobId('blobId');
      const budget = fields.has('budget') ? fields.choice('budget', ['full', 'light']) : 'full';
      return async ({ node, signal }) => sampleBlob(await node(), blobId, budget, signal);
    }),

    perigee_getBlob: method(['blobId', 'maxBytes'], (fields) => {
      const blobId = fields.blobId('blobId');
      const maxBytes = fields.has('maxBytes') ? fields.integer('maxBytes', 1, MAX_SITE_BLOB_BYTES) : MAX_SITE_BLOB_BYTES;
      return async ({ node, signal }) => blobBytes(await node(), blobId, maxBytes, signal);
    }),

    perigee_kvGet: method(['stream', 'key', 'maxAgeSeconds'], (fields) => {
      const stream = fields.hex('stream', STREAM_BYTES, STREAM_BYTES);
      const key = fields.hex('key', 1, MAX_KV_KEY_BYTES);
      const policy = fields.has('maxAgeSeconds')
        ? { withinSeconds: fields.integer('maxAgeSeconds', 0, MAX_AGE_SECONDS) }
        : ('latest' as const);
      return async ({ node, signal }) => {
        const reading = await (await node()).kv(stream).get(key, { policy, signal });
        const { value, version, author, height, timeMs, ageMs, source } = reading;
        return {
          key: toHex(key),
          /** `null`: that the stream has no such key was proved. */
          value: value === undefined ? null : toHex(value),
          version: version ?? null,
          author: author === undefined ? null : toHex(author),
          height,
          timeMs,
          ageMs,
          source,
        };
      };
    }),

    perigee_verifyAttestation: method(
      ['evidence', 'collateral'],
      (fields) => {
        const file = fields.base64('evidence', MAX_ATTESTATION_FILE_BYTES);
        const collateral = fields.has('collateral') ? fields.base64('collateral', MAX_ATTESTATION_FILE_BYTES) : undefined;
        return async ({ node, signal, attest }) => {
          await node(); // its chain says which roots count
          return attest(file, collateral, signal);
        };
      },
      { maxCharacters: MAX_SITE_REQUEST_CHARACTERS },
    ),

    perigee_verifyReceipt: method(
      ['receipt'],
      (fields) => {
        const file = fields.base64('receipt', MAX_SITE_RECEIPT_BYTES);
        return async ({ node, signal, verifyReceipt }) => {
          await node(); // its chain says who is a provider
          return verifyReceipt(file, signal);
        };
      },
      { maxCharacters: MAX_SITE_REQUEST_CHARACTERS },
    ),

    perigee_node: method(
      ['after'],
      (fields) => {
        const after = fields.has('after') ? fields.text('after', MAX_TAG_CHARACTERS) : undefined;
        return async ({ shown }) => shown(after);
      },
      { access: 'node' },
    ),

    perigee_subscribe: method(['kind'], (fields) => {
      const kind = fields.choice('kind', SUBSCRIPTION_KINDS);
      return async ({ subscribe }) => subscribe(kind);
    }),

    perigee_unsubscribe: method(['subscription'], (fields) => {
      const id = toHex(fields.hex('subscription', SUBSCRIPTION_BYTES, SUBSCRIPTION_BYTES));
      return async ({ unsubscribe }) => unsubscribe(id);
    }),
  }),
);
