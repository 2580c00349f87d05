import { MAX_PROVIDER_ENDPOINTS } from '@perigee/wire';
import { expect, it } from 'vitest';
import { endpointsOf } from '../src/roles/compute-endpoints.ts';

it('registers what browsers dial before what they do not, however many addresses a machine has', () => {
  const at = (host: number, way: string) => `/ip4/192.0.2.${host}/${way}/p2p/peer`;
  const tcp = Array.from({ length: MAX_PROVIDER_ENDPOINTS }, (_, i) => at(i, 'tcp/1'));
  const [ws, webrtc] = [at(1, 'tcp/2/ws'), at(1, 'udp/3/webrtc-direct/certhash/x')];
  expect(endpointsOf([...tcp, ws, webrtc], undefined)).toEqual([webrtc, ws, ...tcp.slice(0, 2)]);
  expect(endpointsOf([...tcp, ws, webrtc], 'https://p.example/v1')).toEqual([webrtc, ws, tcp[0], 'https://p.example/v1']);
});
