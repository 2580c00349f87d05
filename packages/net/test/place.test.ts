import { expect, test } from 'vitest';
import { placeOf } from '../src/place.ts';

test.each([
  ['/ip4/203.0.113.7/tcp/4001/ws', '203.0.113.7'],
  ['/ip6/::ffff:203.0.113.7/tcp/4001', '203.0.113.7'],
  ['/ip6/::ffff:cb00:7107/tcp/4001', '203.0.113.7'],
  ['/ip6/2001:db8:0:5:1:2:3:4/tcp/1', '2001:db8:0:5'],
  ['/ip6/2001:db8:0:5::1/udp/1/webrtc-direct', '2001:db8:0:5'],
  ['/ip6/2001:db8:0:6::1/tcp/1', '2001:db8:0:6'],
  ['/ip6/2001:db8::/tcp/1', '2001:db8:0:0'],
  ['/ip6/::1/tcp/1', '0:0:0:0'],
  ['/dns4/example.org/tcp/1', 'example.org'],
  ['', ''],
])('%s is at %s', (multiaddr, place) => {
  expect(placeOf(multiaddr)).toBe(place);
});
