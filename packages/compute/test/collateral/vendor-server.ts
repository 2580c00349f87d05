import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toHex } from '@perigee/wire';
import { pemOf } from '../../src/evidence/simulated/certificate.ts';
import type { Simulation } from '../../src/evidence/simulated/index.ts';

export type Play = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that plays the services of Intel and AMD, with what a simulation says. @param play answers in their place, where it says so */
export async function vendorServer(
  simulation: Simulation,
  play: Play = () => false,
): Promise<{ readonly url: string; readonly server: Server; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (play(request, response)) return;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://vendor');
    const [, tee, , , what] = pathname.split('/');
    const send = (body: string | Uint8Array, headers: Record<string, string> = {}) => response.writeHead(200, headers).end(body);
    if (tee === 'vcek') {
      const { ask, ark, crl } = simulation.amd('Milan');
      if (pathname === '/vcek/v1/Milan/cert_chain') return send(pemOf(ask, ark).replaceAll('\n', '\r\n'));
      return pathname === '/vcek/v1/Milan/crl' ? send(crl) : response.writeHead(404).end();
    }
    const later = <T extends { tcbEvaluationDataNumber: number }>(one: T): T => ({
      ...one,
      tcbEvaluationDataNumber: one.tcbEvaluationDataNumber + 1,
    });
    const early = searchParams.get('update') === 'early' ? { tcbInfo: later, qeIdentity: later } : {};
    const { services } = simulation.intel(tee === 'tdx' ? 'TDX' : 'SGX', early);
    const chain = encodeURIComponent;
    if (what === 'tcb' && searchParams.get('fmspc') === 'FF7065726900')
      return send(services.tcbInfo.body, { 'TCB-Info-Issuer-Chain': chain(services.tcbInfo.issuerChain) });
    if (pathname.endsWith('/qe/identity'))
      return send(services.qeIdentity.body, { 'SGX-Enclave-Identity-Issuer-Chain': chain(services.qeIdentity.issuerChain) });
    if (what === 'pckcrl' && searchParams.get('ca') === 'platform')
      return send(services.pckCrl, { 'SGX-PCK-CRL-Issuer-Chain': chain(services.pckCrlIssuerChain) });
    if (what === 'rootcacrl') return send(toHex(services.rootCrl)); // mirrors give hexadecimal
    return response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, asked };
}
