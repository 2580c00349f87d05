import { multiaddr } from '@multiformats/multiaddr';
import { ADDRESS_STAGGER_MS, MAX_PEER_ADDRESSES, WEBSOCKET_FALLBACK_MS } from '@perigee/wire';
import { expect, test } from 'vitest';
import { type DialAbilities, namedPeer, planDial } from '../src/dial-plan.ts';
import { keepAddresses } from '../src/keep-addresses.ts';
import { isPrivateAddress, transportOf } from '../src/transport.ts';

const PEER = '12D3KooWGcoKS6DGFean4KD9mporHGnfyYuFCmco3nJs2NWcAFRe';
const OTHER = '12D3KooWP4shSjd2Kc3Q5vPmwAuzzUGicvo4CWURbd67gS11WKTL';
const HASH = 'uEiBynRgyck-KmqAIjGS2U2omZfe8w0PGnococY7czWAAAg';
const webrtc = (ip: string): string => `/ip4/${ip}/udp/4001/webrtc-direct/certhash/${HASH}`;
const ws = (ip: string): string => `/ip4/${ip}/tcp/4002/ws`;

const window: DialAbilities = { preference: ['webrtc-direct', 'websocket'], missing: {} };
const worker: DialAbilities = {
  preference: ['websocket'],
  missing: { 'webrtc-direct': 'this context has no RTCPeerConnection' },
};

test('the preferred transport comes first, whatever the order of the addresses', () => {
  const { candidates, refused } = planDial(
    { peerId: PEER, multiaddrs: [ws('9.9.9.9'), '/ip4/9.9.9.9/tcp/4003', webrtc('9.9.9.9'), webrtc('8.8.8.8')] },
    window,
    false,
  );
  expect(candidates.map(({ transport, at }) => [transport, at])).toEqual([
    ['webrtc-direct', 0],
    ['webrtc-direct', ADDRESS_STAGGER_MS],
    ['websocket', WEBSOCKET_FALLBACK_MS],
  ]);
  expect(candidates.every(({ address }) => address.toString().endsWith(`/p2p/${PEER}`))).toBe(true);
  expect(refused).toEqual(['/ip4/9.9.9.9/tcp/4003: a transport that we do not have']);
});

test('WebTransport is dialled between the two, by who has it, where its certificate is named', () => {
  const offered = `/ip4/9.9.9.9/udp/4004/quic-v1/webtransport/certhash/${HASH}`;
  const abilities: DialAbilities = { preference: ['webrtc-direct', 'webtransport', 'websocket'], missing: {} };
  const multiaddrs = [ws('9.9.9.9'), offered, webrtc('9.9.9.9'), '/ip4/9.9.9.9/udp/4004/quic-v1/webtransport'];
  const { candidates, refused } = planDial({ peerId: PEER, multiaddrs }, abilities, false);
  expect(candidates.map(({ transport, at }) => [transport, at])).toEqual([
    ['webrtc-direct', 0],
    ['webtransport', WEBSOCKET_FALLBACK_MS / 2],
    ['websocket', WEBSOCKET_FALLBACK_MS],
  ]);
  expect(refused).toEqual([`${multiaddrs[3]}: a transport that we do not have`]);
  expect(planDial({ peerId: PEER, multiaddrs: [offered] }, window, false)).toMatchObject({ candidates: [] });
});

test('a WebSocket is dialled at its time, however many better addresses there are', () => {
  const many = Array.from({ length: 20 }, (_, i) => webrtc(`9.9.9.${i}`));
  const { candidates, refused } = planDial({ peerId: PEER, multiaddrs: [...many, ws('9.9.9.9')] }, window, false);
  expect(candidates).toHaveLength(MAX_PEER_ADDRESSES);
  expect(candidates.find(({ transport }) => transport === 'websocket')?.at).toBe(WEBSOCKET_FALLBACK_MS);
  expect(refused).toHaveLength(21 - MAX_PEER_ADDRESSES);
});

test('many addresses of one transport do not cut the only one of another', () => {
  const offered = `/ip4/9.9.9.9/udp/4004/quic-v1/webtransport/certhash/${HASH}`;
  const tcp = '/ip4/9.9.9.9/tcp/4003';
  const many = Array.from({ length: 20 }, (_, i) => webrtc(`9.9.9.${i}`));
  const sockets = Array.from({ length: 20 }, (_, i) => ws(`9.9.9.${i}`));
  const all = [...sockets, tcp, ...many, offered];
  const kept = keepAddresses(all);
  expect(kept).toEqual([...sockets.slice(0, 3), tcp, ...many.slice(0, 3), offered]);
  expect(keepAddresses(kept)).toEqual(kept);
  expect(keepAddresses(['no address', ...sockets])).toHaveLength(MAX_PEER_ADDRESSES);
  const abilities: DialAbilities = { preference: ['webrtc-direct', 'webtransport', 'websocket'], missing: {} };
  const { candidates, refused } = planDial({ peerId: PEER, multiaddrs: all }, abilities, false);
  expect(candidates).toHaveLength(MAX_PEER_ADDRESSES);
  expect(candidates.map(({ at }) => at)).toEqual(candidates.map(({ at }) => at).sort((a, b) => a - b));
  expect(new Set(candidates.map(({ transport }) => transport))).toEqual(new Set(abilities.preference));
  expect(refused).toHaveLength(all.length - MAX_PEER_ADDRESSES);
});

test('a context that lacks a transport says so', () => {
  const { candidates, lacking } = planDial({ peerId: PEER, multiaddrs: [webrtc('9.9.9.9'), ws('9.9.9.9')] }, worker, false);
  expect(candidates.map(({ transport }) => transport)).toEqual(['websocket']);
  expect(lacking).toBe('this context has no RTCPeerConnection');
});

test.each([['127.0.0.1'], ['10.0.0.1'], ['192.168.1.1'], ['172.16.0.1'], ['169.254.1.1'], ['0.0.0.0'], ['100.64.0.1']])(
  'the private address %s is dialled only where that is allowed',
  (ip) => {
    const peer = { peerId: PEER, multiaddrs: [webrtc(ip), ws(ip)] };
    expect(planDial(peer, window, false).candidates).toEqual([]);
    expect(planDial(peer, window, true).candidates).toHaveLength(2);
  },
);

test.each([
  ['/ip6/::1/tcp/1', true],
  ['/ip6/fd00::1/tcp/1', true],
  ['/ip6/fe80::1/tcp/1', true],
  ['/ip6/::ffff:127.0.0.1/tcp/1', true],
  ['/dns4/localhost/tcp/1/ws', true],
  ['/dns4/foo.localhost/tcp/1/ws', true],
  ['/dns/printer.local/tcp/1/ws', true],
  ['/dns6/vault.internal./tcp/1/ws', true],
  ['/dns4/localhost.example.com/tcp/1/wss', false],
  ['/ip6/2606:4700:4700::1111/tcp/1', false],
  ['/ip4/9.9.9.9/tcp/1', false],
])('%s is private: %s', (address, expected) => {
  expect(isPrivateAddress(multiaddr(address))).toBe(expected);
});

test.each([
  ['not an address', 'not a multiaddr'],
  ['/ip4/999.1.1.1/tcp/1', 'not a multiaddr'],
  [`/dns4/${'a'.repeat(300)}/tcp/1/ws`, 'longer than 256 bytes'],
  [`${ws('9.9.9.9')}/p2p/${OTHER}`, `it names the peer ${OTHER}`],
  [`/dnsaddr/bootstrap.example.com/p2p/${PEER}`, 'a transport that we do not have'],
  [`${ws('9.9.9.9')}/p2p/${OTHER}/p2p-circuit`, `it names the peer ${OTHER}`],
])('%s is not dialled', (address, why) => {
  const { candidates, refused } = planDial({ peerId: PEER, multiaddrs: [address] }, window, true);
  expect(candidates).toEqual([]);
  expect(refused[0]).toContain(why);
});

test('the peer that all addresses name is known', () => {
  expect(namedPeer([`${ws('9.9.9.9')}/p2p/${PEER}`, `${webrtc('9.9.9.9')}/p2p/${PEER}`])).toBe(PEER);
  expect(namedPeer([`${ws('9.9.9.9')}/p2p/${PEER}`, ws('9.9.9.9')])).toBeUndefined();
  expect(namedPeer([])).toBeUndefined();
});

test('transports by address', () => {
  expect(transportOf(multiaddr('/ip4/9.9.9.9/tcp/1'))).toBe('tcp');
  expect(transportOf(multiaddr('/dns4/example.com/tcp/443/wss'))).toBe('websocket');
  expect(transportOf(multiaddr('/dns4/example.com/tcp/443/tls/ws'))).toBe('websocket');
  expect(transportOf(multiaddr('/ip4/9.9.9.9/udp/1/quic-v1'))).toBeUndefined();
  expect(transportOf(multiaddr('/ip4/9.9.9.9/udp/1/quic-v1/webtransport'))).toBeUndefined();
});
