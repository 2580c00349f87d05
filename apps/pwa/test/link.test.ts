import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { parseLink } from '../src/link.ts';
import { addressOf, linkTo, splitAddress, withView } from '../src/navigation/address.ts';

const COMMITMENT = 'ab'.repeat(32);
const BLOB_ID = `00${COMMITMENT}`;
const PEER = '/ip4/203.0.113.7/udp/4001/webrtc-direct/certhash/uEiA_-x/p2p/12D3KooWQn5vYbA9';

function refusal(text: string): PerigeeError {
  try {
    parseLink(text);
  } catch (thrown) {
    return PerigeeError.from(thrown);
  }
  throw new Error('not refused');
}

describe('parseLink', () => {
  it.each([
    ['a blob id', BLOB_ID],
    ['a commitment', COMMITMENT],
    ['capital digits with 0x and spaces around', `  0x${BLOB_ID.toUpperCase()}\n`],
    ['the part after #', `#${BLOB_ID}`],
    ['an address', `https://light.example/page/?a=b#${BLOB_ID}`],
  ])('takes %s', (_, text) => {
    expect(parseLink(text)).toEqual({ blobId: BLOB_ID, trust: undefined, peers: [] });
  });

  it('takes trust and peers, escaped or not', () => {
    const trust = `perigee-0badcafe:17:${'cd'.repeat(32)}`;
    const link = { blobId: undefined, trust, peers: [PEER, PEER] };
    expect(parseLink(`#trust=${trust}&peer=${PEER}&peer=${PEER}`)).toEqual(link);
    expect(parseLink(`#trust=${trust}&peer=${encodeURIComponent(PEER)}&peer=${PEER}`)).toEqual(link);
    expect(parseLink(`#${BLOB_ID}&peer=${PEER}`)).toEqual({ blobId: BLOB_ID, trust: undefined, peers: [PEER] });
  });

  it('takes a view before all else, and says which there are', () => {
    expect(parseLink(`#/storage&${BLOB_ID}`)).toEqual({ view: 'storage', blobId: BLOB_ID, trust: undefined, peers: [] });
    expect(parseLink('#/kv')).toEqual({ view: 'kv', blobId: undefined, trust: undefined, peers: [] });
    expect(refusal('#/kitchen').message).toContain('no view "kitchen"; it has live, blobs,');
    expect(refusal(`#${BLOB_ID}&/storage`).code).toBe('INVALID_ARGUMENT');
  });

  it.each([
    ['', 'nothing to open'],
    ['#', 'nothing to open'],
    [COMMITMENT.slice(1), 'this text has 63'],
    [`${BLOB_ID}00`, 'this text has 68'],
    [`00${'g'.repeat(64)}`, '"g" at place 3'],
    [`00\u202e${'a'.repeat(63)}`, '"?" at place 3'],
    [`#${BLOB_ID}&${BLOB_ID}`, 'two blobs'],
    [`#${BLOB_ID}&name=x`, 'no part "name"'],
    ['#trust=a&trust=b', 'no part "trust"'],
    ['#%zz', 'a % that is not followed'],
    ['#peer=example.com', 'no address of a peer'],
    [`#peer=/dns4/${'x'.repeat(300)}/tcp/1/ws/p2p/12D3`, 'no address of a peer'],
    [`#${`peer=${PEER}&`.repeat(9)}${BLOB_ID}`, 'at most 8'],
    ['x'.repeat(10_000), '10000 characters'],
  ])('says what is wrong with %j', (text, words) => {
    const { code, message } = refusal(text);
    expect(code).toBe('INVALID_ARGUMENT');
    expect(message).toContain(words);
  });

  it('names the version of a blob that it does not know', () => {
    expect(refusal(`01${COMMITMENT}`).code).toBe('BLOB_VERSION');
  });
});

describe('addressOf', () => {
  const page = 'https://light.example/page/?a=b#trust=x';

  it('is the address of the page without what it asked for', () => {
    expect(addressOf({ blobId: undefined, trust: undefined, peers: [] }, page)).toBe('https://light.example/page/?a=b');
  });

  it.each([
    { blobId: BLOB_ID, trust: undefined, peers: [] },
    { blobId: undefined, trust: `perigee-0badcafe:17:${'cd'.repeat(32)}`, peers: [PEER] },
    { blobId: BLOB_ID, trust: 'what & ever #1 50%', peers: [PEER, PEER] },
  ])('asks for what is read from it: %j', (link) => {
    expect(parseLink(addressOf(link, page))).toEqual(link);
  });
});

describe('linkTo', () => {
  const hash = 'cd'.repeat(32);
  const trusted = { chainId: 'perigee-0badcafe', height: 17, headerHash: hash, peers: [PEER] };

  it('opens a blob of the page’s own chain, whatever its address asks for', () => {
    const opened = `https://light.example/#${BLOB_ID}`;
    expect(linkTo(BLOB_ID, undefined, 'https://light.example/')).toBe(opened);
    expect(linkTo(BLOB_ID, undefined, `https://light.example/#trust=refused:1:${hash}&peer=${PEER}`)).toBe(opened);
    expect(linkTo(BLOB_ID, undefined, 'https://light.example/#what?')).toBe(opened);
  });

  it('carries the chain that a link named, and who has it', () => {
    const link = linkTo(BLOB_ID, trusted, `https://light.example/#00${'11'.repeat(32)}`);
    expect(parseLink(link)).toEqual({ blobId: BLOB_ID, trust: `perigee-0badcafe:17:${hash}`, peers: [PEER] });
  });
});

describe('splitAddress', () => {
  it('tells the view from what else an address asks for', () => {
    const page = 'https://light.example/';
    expect(splitAddress(page)).toEqual({ view: 'live', rest: '' });
    expect(splitAddress(`${page}#/blobs`)).toEqual({ view: 'blobs', rest: '' });
    expect(splitAddress(`${page}#/blobs&${BLOB_ID}&peer=${PEER}`)).toEqual({ view: 'blobs', rest: `${BLOB_ID}&peer=${PEER}` });
    expect(splitAddress(`${page}#${BLOB_ID}`)).toEqual({ view: 'live', rest: BLOB_ID });
    expect(splitAddress(`${page}#/kitchen`)).toEqual({ view: 'live', rest: '/kitchen' }); // refused in words when it is opened
  });

  it('is kept when another view is shown', () => {
    const page = `https://light.example/?a=b#${BLOB_ID}&peer=${PEER}`;
    expect(withView('kv', page)).toBe(`https://light.example/?a=b#/kv&${BLOB_ID}&peer=${PEER}`);
    expect(withView('live', withView('kv', page))).toBe(page);
    expect(withView('live', 'https://light.example/#/kv')).toBe('https://light.example/');
  });

  it('is what addressOf writes, where the first view is not named', () => {
    const link = { blobId: BLOB_ID, trust: undefined, peers: [] };
    expect(addressOf({ ...link, view: 'network' }, 'https://light.example/#x')).toBe(
      `https://light.example/#/network&${BLOB_ID}`,
    );
    expect(addressOf({ ...link, view: 'live' }, 'https://light.example/#x')).toBe(`https://light.example/#${BLOB_ID}`);
  });
});
