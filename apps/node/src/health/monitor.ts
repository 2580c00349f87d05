import { createServer } from 'node:http';
import { PerigeeError } from '@perigee/wire';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { OptionSpec } from '../cli/args.ts';

/** Options of the commands that can be watched. */
export const MONITOR_OPTIONS = {
  'metrics-port': {
    kind: 'integer',
    value: 'PORT',
    range: [0, 65_535],
    help: 'serve /metrics and /healthz on this port, 0 for a free one (default: not served)',
  },
  'metrics-host': { kind: 'text', value: 'ADDRESS', help: 'IP address that they are served on (default 127.0.0.1)' },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** One figure of `/metrics`, read when somebody asks. */
export interface MonitorFigure {
  readonly name: string;
  readonly help: string;
  /** A counter only ever grows. */
  readonly kind: 'gauge' | 'counter';
  readonly label?: string;
  /** One value, or one for each value of the label. */
  read(): number | undefined | Iterable<readonly [label: string, value: number]>;
}

/** What may rise and fall. @param label names each of several values */
export function gauge(name: string, help: string, read: MonitorFigure['read'], label?: string): MonitorFigure {
  return { name: `perigee_${name}`, help, kind: 'gauge', read, ...(label === undefined ? {} : { label }) };
}

/** What only ever grows. */
export function total(name: string, help: string, read: MonitorFigure['read']): MonitorFigure {
  return { name: `perigee_${name}_total`, help, kind: 'counter', read };
}

/** What must be well: name → why it is not, `undefined` when it is. */
export type HealthChecks = Readonly<Record<string, () => string | undefined>>;

/** An answer to GET, for whatever server gives it. */
export interface MonitorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is served of a program's state of health. */
export interface Monitor {
  /** `/metrics`: Prometheus text; `/healthz`: 200 when all is well, else 503, with the reasons as JSON; `undefined` for another path. */
  answer(path: string): Promise<MonitorAnswer> | undefined;
}

export function createMonitor(figures: readonly MonitorFigure[], checks: HealthChecks): Monitor {
  const registry = registryOf(figures);
  const health = (): MonitorAnswer => {
    const found = Object.entries(checks).map(([name, check]) => [name, check() ?? 'ok'] as const);
    const isWell = found.every(([, words]) => words === 'ok');
    const body = `${JSON.stringify({ status: isWell ? 'ok' : 'failing', checks: Object.fromEntries(found) })}\n`;
    return { status: isWell ? 200 : 503, headers: headers('application/json'), body };
  };
  return {
    answer(path) {
      if (path === '/healthz') return Promise.resolve(health());
      if (path !== '/metrics') return undefined;
      return registry.metrics().then((body) => ({ status: 200, headers: headers(registry.contentType), body }));
    },
  };
}

function headers(type: string): Record<string, string> {
  return { 'Content-Type': type, 'Cache-Control': 'no-store' };
}

export interface MonitorServerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly monitor: Monitor;
}

/**
 * Serves a monitor.
 *
 * @throws UNREACHABLE when the port is taken
 */
export async function startMonitor({
  host,
  port,
  monitor,
}: MonitorServerOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const answer = monitor.answer(path);
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    else if (answer === undefined) response.writeHead(404, { 'Content-Type': 'text/plain' }).end('/metrics or /healthz\n');
    else {
      answer.then(
        ({ status, headers, body }) => response.writeHead(status, headers).end(body),
        () => response.writeHead(500).end(),
      );
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PerigeeError(
          'UNREACHABLE',
          `cannot serve metrics on ${host} port ${port}: ${cause.message}; choose another --metrics-port`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function registryOf(figures: readonly MonitorFigure[]): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name, help, kind, label, read } of figures) {
    const labelNames = label === undefined ? [] : [label];
    const common = { name, help, labelNames, registers: [registry] };
    const fill = (set: (value: number, labels: Record<string, string>) => void): void => {
      const value = read();
      if (typeof value === 'number') set(value, {});
      else if (value !== undefined && label !== undefined) for (const [which, one] of value) set(one, { [label]: which });
    };
    if (kind === 'counter') {
      new Counter({
        ...common,
        collect() {
          this.reset();
          fill((value, labels) => this.inc(labels, value));
        },
      });
    } else {
      new Gauge({
        ...common,
        collect() {
          this.reset();
          fill((value, labels) => this.set(labels, value));
        },
      });
    }
  }
  return registry;
}
