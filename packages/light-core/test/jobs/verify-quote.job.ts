import { readFileSync } from 'node:fs';
import { raiseFloors, verifyEvidence, webCryptoAttest } from '@perigee/light-core/attest';

const [, , quote = '', folder = ''] = process.argv;
const file = (path: string) => Uint8Array.from(readFileSync(path));

const report = await verifyEvidence(file(quote), {
  collateral: {
    intel: {
      tcbInfo: file(`${folder}/tcb-info.json`),
      tcbInfoChain: file(`${folder}/tcb-info-chain.pem`),
      qeIdentity: file(`${folder}/qe-identity.json`),
      qeIdentityChain: file(`${folder}/qe-identity-chain.pem`),
      rootCrl: file(`${folder}/root.crl`),
      pckCrl: file(`${folder}/pck.crl`),
    },
  },
  time: Date.now(),
  policy: { intel: { statuses: ['UpToDate', 'SWHardeningNeeded'], advisories: ['INTEL-SA-00615'] } },
  crypto: webCryptoAttest(crypto.subtle),
  roots: 'vendor',
  floors: {}, // what raiseFloors gave the last time
});

for (const { name, verdict, reason } of report.checks) console.log(`${verdict} ${name}: ${reason}`);
console.log(report.status, report.overall, JSON.stringify(raiseFloors({}, report.seen)));
if (report.overall === 'pass' && report.claims.platform === 'intel-tdx') console.log(report.claims.td.mrTd);
