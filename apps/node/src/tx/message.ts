import { isKeyless } from '@perigee/light-core/state';
import { fromHex, MESSAGE_KIND, type MessageKind, PerigeeError, type TxMessage } from '@perigee/wire';
import { readTokens } from './amount.ts';

/** What the command line says besides the words of a message. */
export interface MessageOptions {
  readonly 'validator-key': string | undefined;
  readonly 'committee-key': string | undefined;
  readonly may: string | undefined;
  readonly cap: string | undefined;
  readonly blocks: number | undefined;
}

export const MESSAGE_VERBS = ['transfer', 'stake', 'unstake', 'grant', 'revoke'] as const;
export type MessageVerb = (typeof MESSAGE_VERBS)[number];

/** Blocks for which a session is granted unless something else is said: about a day at a block a second. */
export const DEFAULT_SESSION_BLOCKS = 86_400;

interface Verb {
  readonly usage: string;
  readonly words: number;
  readonly options: readonly (keyof MessageOptions)[];
  /** @param height of the head */
  read(words: readonly string[], options: MessageOptions): (height: number) => TxMessage;
}

const VERBS: Readonly<Record<MessageVerb, Verb>> = {
  transfer: {
    usage: 'transfer ACCOUNT TOKENS',
    words: 2,
    options: [],
    read: ([to = '', tokens = '']) => {
      const transfer = { to: readAddress(to), amount: readTokens(tokens, 'TOKENS') };
      return () => ({ transfer });
    },
  },
  stake: {
    usage: 'stake TOKENS --validator-key KEY [--committee-key KEY]',
    words: 1,
    options: ['validator-key', 'committee-key'],
    read: ([tokens = ''], options) => {
      const committee = options['committee-key'];
      const stake = {
        amount: readTokens(tokens, 'TOKENS'),
        validatorKey: readHex(needed(options['validator-key'], '--validator-key', 'stake'), 32, '--validator-key'),
        ...(committee === undefined ? {} : { committeeKey: readHex(committee, 32, '--committee-key') }),
      };
      return () => ({ stake });
    },
  },
  unstake: {
    usage: 'unstake TOKENS',
    words: 1,
    options: [],
    read: ([tokens = '']) => {
      const unstake = { amount: readTokens(tokens, 'TOKENS') };
      return () => ({ unstake });
    },
  },
  grant: {
    usage: 'grant KEY --may KINDS --cap TOKENS [--blocks N]',
    words: 1,
    options: ['may', 'cap', 'blocks'],
    read: ([key = ''], { may, cap, blocks = DEFAULT_SESSION_BLOCKS }) => {
      const grant = {
        key: readHex(key, 32, 'KEY'),
        kinds: readKinds(needed(may, '--may', 'grant')),
        cap: readTokens(needed(cap, '--cap', 'grant'), '--cap'),
      };
      return (height) => ({ grantSession: { ...grant, expiryHeight: height + blocks } });
    },
  },
  revoke: {
    usage: 'revoke KEY',
    words: 1,
    options: [],
    read: ([key = '']) => {
      const revokeSession = { key: readHex(key, 32, 'KEY') };
      return () => ({ revokeSession });
    },
  },
};

/** What each verb takes, for `--help`. */
export const MESSAGE_FORMS: readonly string[] = MESSAGE_VERBS.map((verb) => VERBS[verb].usage);

/**
 * The message that a command line asks for; it is complete once the height is known.
 *
 * @throws INVALID_ARGUMENT
 */
export function readMessage(verb: MessageVerb, words: readonly string[], options: MessageOptions): (height: number) => TxMessage {
  const { usage, words: count, options: own, read } = VERBS[verb];
  if (words.length !== count) throw wrong(`say it as: perigee tx ${usage}`);
  const names: readonly (keyof MessageOptions)[] = ['validator-key', 'committee-key', 'may', 'cap', 'blocks'];
  const foreign = names.find((name) => options[name] !== undefined && !own.includes(name));
  if (foreign !== undefined) throw wrong(`--${foreign} says nothing to "${verb}": perigee tx ${usage}`);
  return read(words, options);
}

/** The address of an account, with or without 0x. @throws INVALID_ARGUMENT also for one of the chain itself */
export function readAddress(text: string): Uint8Array {
  const address = readHex(text, 20, 'ACCOUNT');
  if (isKeyless(address)) throw wrong(`${text} is an address of the chain itself: nobody could send the tokens on`);
  return address;
}

/** @throws INVALID_ARGUMENT */
export function readHex(text: string, length: number, name: string): Uint8Array {
  try {
    return fromHex(text, length);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', `${name} is "${text.slice(0, 80)}"; it must be ${2 * length} hexadecimal digits`, {
      cause,
    });
  }
}

/** @throws INVALID_ARGUMENT */
function needed(given: string | undefined, name: string, verb: MessageVerb): string {
  if (given !== undefined) return given;
  throw wrong(`${name} is missing: perigee tx ${VERBS[verb].usage}`);
}

function readKinds(text: string): number[] {
  const kinds = text.split(',').map((name) => {
    const kind = MESSAGE_KIND[name as MessageKind];
    if (!Object.hasOwn(MESSAGE_KIND, name) || name === 'grantSession' || name === 'revokeSession') {
      throw wrong(`--may is "${text.slice(0, 80)}"; it must name some of certify, transfer, stake, unstake, with commas between`);
    }
    return kind;
  });
  return [...new Set(kinds)].sort((a, b) => a - b);
}

function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}
