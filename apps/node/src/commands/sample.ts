import { PerigeeError } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { CHAIN_OPTION, readTrustRootFile, withLightNode } from '../light.ts';

export const sample = defineCommand({
  name: 'sample',
  usage: 'BLOB_ID',
  summary: 'draw rows of a blob, ask for them, and verify what comes',
  options: { chain: CHAIN_OPTION },
  async run({ options, positionals }, { output, signal }) {
    const [blobId] = positionals;
    if (blobId === undefined || positionals.length > 1) {
      throw new PerigeeError('INVALID_ARGUMENT', 'name one blob: perigee sample BLOB_ID (66 hexadecimal digits)');
    }
    const trustRoot = await readTrustRootFile(options.chain);
    await withLightNode({ trustRoot, follow: false, workers: 1 }, signal, async (node) => {
      const blob = await node.sample(blobId, { signal });
      const { record } = blob;
      output.result(blob, [
        `blob      ${blob.blobId}`,
        `recorded  at height ${record?.height}, served until ${record?.expiryHeight}`,
        `certified by ${((record?.signedStake ?? 0) * 100).toFixed(1)} % of stake, ${record?.signers} of ${record?.members} keys`,
        ...blob.rows.map((row) => `row ${String(row.index).padStart(6)} ${row.verdict}`),
        `verified  ${blob.verified} of ${blob.rows.length} rows, from ${blob.operators} committee keys`,
      ]);
      if (blob.verified < blob.rows.length) {
        throw new PerigeeError(
          'NOT_ENOUGH_ROWS',
          `${blob.rows.length - blob.verified} of ${blob.rows.length} drawn rows were not verified`,
        );
      }
    });
  },
});
