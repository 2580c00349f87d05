import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { networkOfFile, ready, testLight } from './light.ts';
import { memorySink } from './memory-sink.ts';

const file = networkOfFile();
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe('retrieval', () => {
  it.each([1, 64 * 120, 20_000, 600_000, 5_000_000])('%d bytes come back as they were', async (length) => {
    const { network } = file;
    const data = randomBytes(length);
    const { key } = await network.publish(data);
    const node = await ready(await testLight(network));
    const sink = memorySink();
    const stages: string[] = [];
    const got = await node.retrieve(key, { sink, onProgress: ({ stage }) => stages.push(stage) });
    expect(got).toMatchObject({ blobId: key, length, sha256: sha256(data) });
    expect(sink.state).toBe('closed');
    expect(sha256(sink.bytes())).toBe(sha256(data));
  });
});
