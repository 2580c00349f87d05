/** A guest's log beside its quote: it raises nothing, and what of it does not pass caps the label (PROTOCOL §9). */
import { webcrypto } from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';
import { type AttestSubtle, developmentRoots, webCryptoAttest } from '@perigee/light-core/attest';
import { encodeEvidenceBundle, verifyEvidenceFile } from '@perigee/light-core/attest/file';
import { toHex, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { type DstackEvent, replayedRegisters } from '../../../src/evidence/simulated/event-log/dstack-log.ts';
import { mintIntel, TRUST_DOMAIN } from './intel/recipe.ts';
import { REPORT_DATA, simulation } from './simulation.ts';

const crypto = webCryptoAttest(webcrypto.subtle as unknown as AttestSubtle);
const compose = JSON.stringify({
  name: 'x',
  runner: 'docker-compose',
  docker_compose_file: `services:\n  model:\n    image: vllm@sha256:${'ab'.repeat(32)}\n`,
});
const measured = simulation.eventLog(sha256(utf8(compose)));

/** Of a quote whose registers hold the log's events, with what is shown of it. */
async function found(shown?: readonly DstackEvent[]) {
  const rtmr = replayedRegisters(measured);
  const [rtmr1, rtmr2] = rtmr.slice(1, 3).map(toHex) as [string, string];
  const { bytes, collateral, roots, time } = mintIntel({ quote: { td: (td) => ({ ...td, rtmr }) } });
  const guest = shown === undefined ? {} : { guest: { eventLog: utf8(JSON.stringify(shown)), appCompose: utf8(compose) } };
  return verifyEvidenceFile(
    { file: encodeEvidenceBundle({ evidence: bytes, collateral, ...guest }) },
    {
      collateral: {},
      policy: { intel: { trustDomains: [{ mrTd: TRUST_DOMAIN.mrTd, rtmr1, rtmr2 }], reportData: toHex(REPORT_DATA) } },
      time,
      crypto,
      roots: developmentRoots({ development: true }, roots),
    },
  );
}

it('is no part of whether the quote passes, and of how far it carries', async () => {
  const alone = await found();
  expect([alone.report.overall, alone.guest]).toEqual(['pass', undefined]);
  expect(alone.report).toMatchObject({ imitates: 'code' });

  const whole = await found(measured);
  expect(whole.guest?.filter(({ required, verdict }) => required && verdict !== 'pass')).toEqual([]);
  // the log names a model, and nobody has said which it must be
  expect(whole.report).toMatchObject({ overall: 'pass', imitates: 'code' });

  const forged = await found(measured.slice(0, -1));
  expect(forged.guest?.find(({ name }) => name === 'rtmr3')).toMatchObject({ verdict: 'fail', level: 'code' });
  expect(forged.report).toMatchObject({ overall: 'pass', imitates: 'hardware' });
});
