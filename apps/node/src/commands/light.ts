import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '@perigee/net';
import { createLightNode, type LightNodeState, type NodeEvent } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { aborted, stdinEnded, UNTIL_STDIN_ENDS, withStops } from '../cli/lifetime.ts';
import type { Logger } from '../cli/log.ts';
import type { Output } from '../cli/output.ts';
import { makeFolder } from '../files.ts';
import { lightChecks, lightFigures } from '../health/light-health.ts';
import { MONITOR_OPTIONS, startMonitor } from '../health/monitor.ts';
import { hopeless, stateWhere } from '../light.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { outcomeText } from '../words.ts';

const DEFAULT_BUDGET_MIB = 256;
const MAX_WORKERS = 64;
const BYTES_PER_MBIT = 1e6 / 8;
/** Events that say that something is wrong; the rest is shown by heads and outcomes. */
const WARNINGS = new Set<NodeEvent['kind']>(['banned', 'clock', 'conflict', 'evidence', 'storage', 'error']);

export const light = defineCommand({
  name: 'light',
  usage: '',
  summary: 'follow a chain and sample its blobs, headless, within the limits that you set',
  options: {
    ...TRUST_OPTIONS,
    'budget-mib': {
      kind: 'integer',
      value: 'MIB',
      range: [1, 1_000_000],
      help: `disk for headers, verdicts, rows and evidence (default ${DEFAULT_BUDGET_MIB})`,
    },
    workers: {
      kind: 'integer',
      range: [1, MAX_WORKERS],
      help: 'threads that verify (default: one less than there are processors)',
    },
    'max-mbit': {
      kind: 'number',
      value: 'MBIT',
      range: [0.1, 100_000],
      help: 'bits that may come in a second, in millions: samples wait for it (default: no cap)',
    },
    ...MONITOR_OPTIONS,
    'until-stdin-ends': UNTIL_STDIN_ENDS,
  },
  defaultHome: LIGHT_HOME,
  async run({ options }, { output, log, signal, home = LIGHT_HOME }) {
    const trust = await readTrust(options);
    const maxMbit = options['max-mbit'];
    await makeFolder(home);
    await withStops(async (onStop) => {
      const node = createLightNode({
        ...trust,
        ...(maxMbit === undefined ? {} : { maxDownBytesPerSecond: maxMbit * BYTES_PER_MBIT }),
        workers: options.workers ?? Math.max(1, availableParallelism() - 1),
        store: { directory: join(resolve(home), 'store'), budgetBytes: (options['budget-mib'] ?? DEFAULT_BUDGET_MIB) * 2 ** 20 },
      });
      onStop(() => node.stop());
      onStop(node.subscribe(reporter(output, log)));
      const port = options['metrics-port'];
      const host = options['metrics-host'] ?? '127.0.0.1';
      const figures = lightFigures(node, systemClock.now);
      const monitor = port === undefined ? undefined : await startMonitor({ host, port, figures, checks: lightChecks(node) });
      if (monitor !== undefined) onStop(() => monitor.close());
      const failed = new Promise<never>((_, reject) => {
        const look = (state: LightNodeState): void => {
          const { storage } = state;
          const why = hopeless(state);
          if (why !== undefined) reject(why);
          // whoever asked for a home means it; a disk that is full later is another matter
          if (storage?.error?.code === 'STORE_LOCKED' || storage?.error?.code === 'STORE_VERSION') {
            reject(PerigeeError.fromObject(storage.error));
          }
        };
        onStop(node.subscribe(look));
        look(node.state);
      });
      failed.catch(() => {}); // heard below
      await node.start();
      const stopped = Promise.race([aborted(signal), stdinEnded(options['until-stdin-ends'])]);
      const looking = new AbortController();
      onStop(() => looking.abort());
      const onSlow = ({ message }: PerigeeError): void => log.warn(`still trying: ${message}`);
      const found = stateWhere(node, ({ head }) => head !== undefined, looking.signal, onSlow);
      await Promise.race([found, stopped, failed]);
      const { chain, head } = node.state;
      if (head !== undefined) {
        const ready = { chain, head, home: resolve(home), ...(monitor && { metrics: monitor.url }) };
        if (output.json) output.result({ event: 'ready', ...ready }, []);
        else output.ready(ready);
      }
      await Promise.race([stopped, failed]);
    });
  },
});

/** Writes what changed since the last snapshot: a line for each head and each outcome; warnings go to the log. */
function reporter(output: Output, log: Logger): (state: LightNodeState) => void {
  let height = 0;
  let lastEvent = 0;
  let wasStale = false;
  const told = new Map<string, string>();
  return ({ head, freshness, blobs, events, evidence }) => {
    if (head !== undefined && freshness !== undefined && head.height > height) {
      height = head.height;
      output.result({ event: 'head', ...head, freshness }, [
        `head ${head.height} ${head.headerHash} ${new Date(head.timeMs).toISOString()} (${freshness})`,
      ]);
    }
    const isStale = freshness === 'stale';
    if (isStale && !wasStale) log.warn({ height }, 'no peer has shown a newer head for a while');
    wasStale = isStale;
    for (const blob of blobs) {
      const { blobId, outcome, outcomeAtMs, earlier, confidence } = blob;
      const found = `${outcome} ${outcomeAtMs}`;
      if (outcome === undefined || earlier || told.get(blobId) === found) continue;
      told.set(blobId, found);
      const evidenceIds = evidence.filter((one) => one.blobId === blobId).map(({ id }) => id);
      output.result({ event: 'outcome', blobId, outcome, outcomeAtMs, confidence, evidenceIds }, [
        `blob ${blobId} ${outcomeText(blob)}`,
      ]);
    }
    for (const id of told.keys()) if (!blobs.some((blob) => blob.blobId === id)) told.delete(id);
    for (const event of events.filter(({ id }) => id > lastEvent)) {
      lastEvent = event.id;
      const { kind, about, data } = event;
      // a store that ends the command is told by its error
      if (about === 'STORE_LOCKED' || about === 'STORE_VERSION') continue;
      if (WARNINGS.has(kind) && about !== 'ok') log.warn({ about, ...data }, kind === 'storage' ? `storage: ${about}` : kind);
      else log.debug({ about, ...data }, kind);
    }
  };
}
