import { join, resolve } from 'node:path';
import type { BlobView, LightNode } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { readBlobId } from '../blob-id.ts';
import { defineCommand } from '../cli/command.ts';
import { makeFolder, writeNamedFile } from '../files.ts';
import { withLightNode } from '../light.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { confidenceLines, outcomeText } from '../words.ts';

export const sample = defineCommand({
  name: 'sample',
  usage: 'COMMITMENT',
  summary: 'draw rows of a blob, ask for them, and verify what comes',
  options: {
    ...TRUST_OPTIONS,
    light: {
      kind: 'flag',
      help: 'be content with 20 bits, of at most 64 rows: fewer than otherwise where the first round (20 rows at 4×) is not enough',
    },
    rows: { kind: 'flag', help: 'list every row that was drawn' },
    evidence: { kind: 'text', value: 'DIR', help: 'where evidence against a blob is saved (default: evidence in the home)' },
  },
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const blobId = readBlobId('perigee sample COMMITMENT', positionals);
    const trust = await readTrust(options);
    const folder = resolve(options.evidence ?? join(home, 'evidence'));
    await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
      const stop = node.subscribe(({ blobs }) => {
        const blob = blobs.find((one) => one.blobId === blobId);
        if (blob !== undefined) output.update(`${blob.phase}, ${blob.verified} of ${blob.rows.length} rows`, blob.phase);
      });
      const blob = await node
        .sample(blobId, { signal, budget: options.light ? 'light' : 'full' })
        .catch(async (error: unknown) => {
          for (const path of await saveEvidence(node, blobId, folder)) output.progress(`evidence  ${path}`);
          throw error;
        })
        .finally(stop);
      const evidence = await saveEvidence(node, blobId, folder);
      const { record } = blob;
      output.result({ ...blob, evidence, peers: node.state.peers }, [
        `blob      ${blob.blobId}`,
        `recorded  at height ${record?.height}, served until ${record?.expiryHeight}`,
        `certified by ${((record?.signedStake ?? 0) * 100).toFixed(1)} % of stake, ${record?.signers} of ${record?.members} keys`,
        ...(options.rows ? blob.rows.map((row) => `row ${String(row.index).padStart(6)} ${row.verdict}`) : verdictLines(blob)),
        ...confidenceLines(blob.confidence),
        `outcome   ${outcomeText(blob)}`,
        ...evidence.map((path) => `evidence  ${path}`),
      ]);
      if (blob.outcome !== 'available') throw notAvailable(blob);
    });
  },
});

/** How many rows got each verdict. */
function verdictLines({ rows }: BlobView): string[] {
  const counts = new Map<string, number>();
  for (const { verdict } of rows) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `rows      ${count} ${verdict}`);
}

/** Saves what was found against a blob. @returns paths */
async function saveEvidence(node: LightNode, blobId: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { id } of node.state.evidence.filter((one) => one.blobId === blobId)) {
    const path = join(folder, `${id}.evidence`);
    await makeFolder(folder);
    await writeNamedFile(path, await node.evidence(id));
    paths.push(path);
  }
  return paths;
}

function notAvailable(blob: BlobView): PerigeeError {
  const code = blob.outcome === 'badEncoding' ? 'EVIDENCE' : blob.outcome === 'expired' ? 'BLOB_EXPIRED' : 'NOT_ENOUGH_ROWS';
  return new PerigeeError(code, `blob ${blob.blobId} is ${outcomeText(blob)}`, { data: { outcome: blob.outcome ?? null } });
}
