import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { cpuUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '@perigee/net';
import { createLightNode, type LightNodeState } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import type { LightAudits, LightAuditsView } from '../audits/light-audits.ts';
import { defineCommand } from '../cli/command.ts';
import { aborted, stdinEnded, UNTIL_STDIN_ENDS, withStops } from '../cli/lifetime.ts';
import { makeFolder } from '../files.ts';
import { lightChecks, lightFigures } from '../health/light-health.ts';
import { createMonitor, MONITOR_OPTIONS, startMonitor } from '../health/monitor.ts';
import { hopeless, stateWhere } from '../light.ts';
import { REPORT_VERSION, reporter } from '../light-report.ts';
import { serveNode, servingOf } from '../serve/serve-node.ts';
import { lightScreen } from '../terminal/light-screen.ts';
import { openTerminal } from '../terminal/terminal.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';

const DEFAULT_BUDGET_MIB = 256;
const MAX_WORKERS = 64;
const AUDIT_SAYS = ['all', 'false', 'none'] as const;
const AUDIT_BACK = ['agreements', 'all', 'none'] as const;
const BYTES_PER_MBIT = 1e6 / 8;

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
      help: 'bits that may come and go in a second, in millions: samples wait for it (default: no cap)',
    },
    'max-day-mib': {
      kind: 'number',
      value: 'MIB',
      range: [1, 1e9],
      help: 'MiB that may come and go in a day, UTC: samples wait for the next (default: no cap)',
    },
    'max-cpu-percent': {
      kind: 'number',
      value: 'PERCENT',
      range: [1, 6_400],
      help: 'processor time over a minute, in hundredths of one core: samples wait for it (default: no cap)',
    },
    serve: {
      kind: 'text',
      value: '127.0.0.1:PORT',
      help: 'serve /kv, /file, /blob and JSON-RPC to programs of this machine that know the token in the home, /metrics and /healthz to all of it (port 0 for a free one)',
    },
    'serve-origin': {
      kind: 'list',
      value: 'ORIGIN',
      help: 'let pages of this origin ask too, as https://example.org; may be given again',
    },
    audit: {
      kind: 'number',
      value: 'RATE',
      range: [0, 1],
      help: 'execute answers again that payers laid out for auditors, each with this chance, and report what comes of it on the chain from the account of this home (default: none)',
    },
    'audit-report': {
      kind: 'text',
      value: 'WHAT',
      oneOf: AUDIT_SAYS,
      help: 'what is said on the chain, for a fee and a deposit: all, only what is false, or nothing (default all)',
    },
    'audit-deposits': {
      kind: 'text',
      value: 'WHAT',
      oneOf: AUDIT_BACK,
      help: 'whose deposits it takes back when they are due, for a fee: those of agreements, of all reports, or none; a report goes with its deposit, and warns nobody any more (default agreements)',
    },
    'audit-weights': {
      kind: 'list',
      value: 'FILE',
      help: 'weights of a model whose answers are to be executed again, beside our own; may be given again',
    },
    'audit-key': {
      kind: 'text',
      value: 'NAME|FILE',
      help: 'key of the account that reports (default: account.key in the home, made at the first use)',
    },
    ...MONITOR_OPTIONS,
    'until-stdin-ends': UNTIL_STDIN_ENDS,
  },
  defaultHome: LIGHT_HOME,
  async run({ options }, { output, log, signal, home = LIGHT_HOME }) {
    // a third less memory for some more collections: measured by bench/product.bench.ts
    for (const flag of ['--optimize-for-size', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
    const serving = servingOf(options.serve, options['serve-origin']);
    const rate = options.audit;
    const trust = await readTrust(options);
    await makeFolder(home);
    const hasScreen = !output.json && process.stdout.isTTY === true;
    await withStops(async (onStop) => {
      const node = createLightNode({
        ...trust,
        budgets: {
          bytesPerSecond: times(options['max-mbit'], BYTES_PER_MBIT),
          bytesPerDay: times(options['max-day-mib'], 2 ** 20),
          cpuShare: times(options['max-cpu-percent'], 0.01),
        },
        cpuMs: () => cpuUsage().user / 1_000 + cpuUsage().system / 1_000,
        workers: options.workers ?? Math.max(1, availableParallelism() - 1),
        store: { directory: join(resolve(home), 'store'), budgetBytes: (options['budget-mib'] ?? DEFAULT_BUDGET_MIB) * 2 ** 20 },
      });
      onStop(() => node.stop());
      let notice: string | undefined;
      const showNotice = (words: string): void => {
        notice = words;
      };
      let audits: LightAudits | undefined;
      const auditsNow = (): LightAuditsView | undefined => audits?.view;
      const reports = reporter({
        output,
        log,
        now: systemClock.now,
        audits: auditsNow,
        ...(hasScreen && { notice: showNotice }),
      });
      onStop(node.subscribe(reports.look));
      if (hasScreen) {
        const startedAtMs = systemClock.now();
        const common = { startedAtMs, home: resolve(home) };
        const draw = (rows: number) =>
          lightScreen({ ...common, state: node.state, audits: auditsNow(), nowMs: systemClock.now(), rows, notice });
        onStop(openTerminal({ stream: process.stdout, isColoured: !process.env.NO_COLOR, draw }));
      }
      const port = options['metrics-port'];
      const host = options['metrics-host'] ?? '127.0.0.1';
      const monitor = createMonitor(
        lightFigures(node, systemClock.now, rate === undefined ? undefined : auditsNow),
        lightChecks(node),
      );
      const watched = port === undefined ? undefined : await startMonitor({ host, port, monitor });
      if (watched !== undefined) onStop(() => watched.close());
      const server =
        serving &&
        (await serveNode({
          ...serving,
          node,
          home: resolve(home),
          monitor,
          onStop,
          onFault: (error) => log.warn({ err: error }, 'serve'),
        }));
      let fail = (_: PerigeeError): void => {};
      const failed = new Promise<never>((_, reject) => {
        fail = reject;
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
      const onSlow = ({ message }: PerigeeError): void => {
        if (hasScreen) showNotice(`still trying: ${message}`);
        else log.warn(`still trying: ${message}`);
      };
      const found = stateWhere(node, ({ head }) => head !== undefined, looking.signal, onSlow);
      await Promise.race([found, stopped, failed]);
      const { chain, head } = node.state;
      if (head !== undefined) {
        const ready = { chain, head, home: resolve(home), ...(watched && { metrics: watched.url }), ...server };
        if (output.json) output.result({ version: REPORT_VERSION, event: 'ready', ...ready }, []);
        else if (!hasScreen) output.ready(ready);
        if (rate !== undefined) {
          // nothing of it is loaded by who does not audit
          const { startLightAudits } = await import('../audits/light-audits.ts');
          audits = startLightAudits({
            node,
            home: resolve(home),
            rate,
            says: AUDIT_SAYS.find((says) => says === options['audit-report']) ?? 'all',
            back: AUDIT_BACK.find((back) => back === options['audit-deposits']) ?? 'agreements',
            key: options['audit-key'],
            weights: options['audit-weights'],
            onFinding: reports.audit,
            onCollected: reports.deposit,
            onNotice: (words) => (hasScreen ? showNotice(words) : log.info(words)),
            onFault: fail,
          });
          onStop(audits.stop);
        }
      }
      await Promise.race([stopped, failed]);
    });
  },
});

function times(given: number | undefined, factor: number): number | undefined {
  return given === undefined ? undefined : given * factor;
}
