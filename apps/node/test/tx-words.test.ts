import type { TxDraft } from '@perigee/light-core/tx';
import { expect, it } from 'vitest';
import { draftInWords } from '../src/tx/words.ts';

const chain = { chainId: 'perigee-07070707', genesisHash: new Uint8Array(32).fill(7) };
const draft: TxDraft = { lane: 0, nonce: 5, expiryHeight: 100, gasLimit: 10_000, maxFee: 2n * 10n ** 16n, tip: 0n, messages: [] };
const to = new Uint8Array(20).fill(9);
const [send, write] = [
  { transfer: { to, amount: 125n * 10n ** 17n } },
  { kvSet: { streams: [new Uint8Array(32).fill(1)], data: new Uint8Array(40) } },
];

it('says what each action does, and not its number', () => {
  const lines = draftInWords({ ...draft, messages: [send, write] }, new Uint8Array(20).fill(4), chain);
  expect(lines.filter((line) => line.startsWith('a'))).toEqual([
    `account         0x${'04'.repeat(20)}`,
    'action          Send tokens',
    'action          Write to key-value streams, and leave a deposit for what they keep',
  ]);
  expect(lines).toContain('  amount        12.5 tokens');
  expect(lines).toContain(`  recipient     0x${'09'.repeat(20)}`);
  expect(lines.join()).not.toMatch(/action\d/);
});
