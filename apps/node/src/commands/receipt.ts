import { decodeReceiptFile } from '@perigee/light-core/receipt';
import { systemClock } from '@perigee/net';
import { Attestor } from '@perigee/sampler/attest';
import { AnswerChecker, judgeReceipt as judge } from '@perigee/sampler/compute';
import { PerigeeError } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { readFileOf } from '../files.ts';
import { withLightNode } from '../light.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { judgeReceipt } from '../verify/receipt.ts';

export const receipt = defineCommand({
  name: 'receipt',
  usage: 'verify FILE',
  summary:
    'verify the receipt of an answer against what the chain proves of its provider ("perigee verify FILE" does it without a network)',
  options: TRUST_OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal }) {
    const [verb, path, ...rest] = positionals;
    if (verb !== 'verify' || path === undefined || rest.length > 0) {
      throw new PerigeeError('INVALID_ARGUMENT', 'say it as: perigee receipt verify FILE');
    }
    const file = new Uint8Array(await readFileOf(path, 'the receipt'));
    decodeReceiptFile(file); // before anybody is asked
    const trust = await readTrust(options);
    await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
      const checker = new AnswerChecker();
      const chainFloors = () => node.state.chain?.collateralFloors ?? {};
      const attestor = new Attestor({ node, clock: systemClock, chainFloors });
      try {
        const { opened, report } = await judge(file, { state: node.chain, checker, attestor, signal });
        judgeReceipt(opened, report, output);
      } finally {
        await Promise.all([attestor.close(), checker.close()]);
      }
    });
  },
});
