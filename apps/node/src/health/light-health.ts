import type { LightNode, LightNodeState } from '@perigee/sampler';
import type { LightAuditsView } from '../audits/light-audits.ts';
import { gauge, type HealthChecks, type MonitorFigure, total } from './monitor.ts';

/** A light node is well when it has a recent verified head, and keeps what it is to keep. */
export function lightChecks(node: LightNode): HealthChecks {
  return {
    chain: () => {
      const { phase, error, freshness, head } = node.state;
      if (error !== undefined) return error.message;
      if (head === undefined) return `no header is verified yet (${phase})`;
      return freshness === 'stale' ? `the head is of ${new Date(head.timeMs).toISOString()}` : undefined;
    },
    store: () => node.state.storage?.error?.message,
    clock: () => {
      const { state, offsetMs } = node.state.clock;
      return state === 'behind' || state === 'ahead' ? `the clock is ${Math.round(offsetMs / 1_000)} s ${state}` : undefined;
    },
  };
}

/** @param audits what auditing came to, where something is audited */
export function lightFigures(node: LightNode, now: () => number, audits?: () => LightAuditsView | undefined): MonitorFigure[] {
  const current = (): LightNodeState => node.state;
  return [
    gauge('head_height', 'Height of the verified head.', () => current().head?.height),
    gauge('head_age_seconds', 'Age of the verified head by the local clock.', () => {
      const { head } = current();
      return head && (now() - head.timeMs) / 1_000;
    }),
    gauge('peers_connected', 'Peers that are connected.', () => current().peers.filter((peer) => peer.connected).length),
    gauge(
      'blobs',
      'Blobs in view, by what sampling came to.',
      () => {
        const counts = new Map<string, number>();
        for (const { outcome = 'open' } of current().blobs) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        return counts;
      },
      'outcome',
    ),
    total('rows_verified', 'Rows that were verified.', () => current().rowsVerified),
    total('received_bytes', 'Bytes received.', () => current().bytesIn),
    total('sent_bytes', 'Bytes sent.', () => current().bytesOut),
    gauge('cpu_share', 'Processor time in the last minute, as a share of one core.', () => current().budgets.cpuShare),
    gauge('bytes_per_second', 'Bytes that came and went a second, of late.', () => current().budgets.bytesPerSecond),
    gauge('day_bytes', 'Bytes that came and went today, UTC.', () => current().budgets.bytesToday),
    gauge('cap', 'Caps that are set, by name.', () => caps(current()), 'budget'),
    gauge('throttled', 'Whether sampling waits for a cap, by name.', () => throttled(current()), 'budget'),
    gauge('stored_bytes', 'Bytes kept on this device.', () => current().storage?.usedBytes),
    gauge('budget_bytes', 'Bytes that may be kept.', () => current().storage?.budgetBytes),
    ...(audits === undefined
      ? []
      : [
          total('audit_blobs_seen', 'Blobs that were laid out for auditors.', () => audits()?.seen ?? 0),
          total('audit_blobs_drawn', 'Blobs of these that were drawn.', () => audits()?.drawn ?? 0),
          {
            ...total('audit_outcomes', 'Drawn blobs, by what came of them.', () => Object.entries(audits()?.outcomes ?? {})),
            label: 'outcome',
          },
          total('audit_reports', 'Reports that the chain took.', () => audits()?.reported ?? 0),
          total('audit_deposits', 'Deposits of reports that came back.', () => audits()?.deposits.collected ?? 0),
          gauge('audit_deposits_held', 'Reports whose deposits are to be taken back.', () => audits()?.deposits.held),
          gauge('audit_waiting', 'Drawn blobs that were not looked at yet.', () => audits()?.waiting),
          gauge('audit_day_bytes', 'Bytes that came for audits today, UTC.', () => audits()?.today.bytes),
        ]),
  ];
}

function caps({ budgets }: LightNodeState): [string, number][] {
  return Object.entries(budgets.caps).filter((cap): cap is [string, number] => typeof cap[1] === 'number');
}

function throttled({ budgets }: LightNodeState): (readonly [string, number])[] {
  const { throttledBy } = budgets;
  return (['cpuShare', 'bytesPerSecond', 'bytesPerDay'] as const).map((name) => [name, throttledBy.includes(name) ? 1 : 0]);
}
