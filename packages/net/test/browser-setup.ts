import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { buildJobs, buildTestJobs } from '../../../scripts/build/jobs.mjs';
import { webrtcObstacle } from '../../../scripts/chromium.mjs';
import { denoObstacle, startProcess, testDeno } from '../../../tests/kit/index.ts';
import { openLobby } from '../../../tests/kit/lobby.ts';

/** What pages are told of the Node host that they dial. */
export interface NetServer {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  /** Why WebRTC cannot connect on this machine, if it cannot. */
  readonly webrtcObstacle: string | null;
  /** Why it does not listen for WebTransport, if it does not. */
  readonly denoObstacle: string | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    netServer: NetServer;
    /** Where to ask for other programs, which are started when somebody does. */
    lobby: string;
  }
}

/** Starts a Node host, in a process of its own, for the tests that run in a page. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildJobs();
  await buildTestJobs();
  const withoutDeno = denoObstacle() ?? null;
  const job = fileURLToPath(new URL('../../../dist/test/jobs/net-server.job.js', import.meta.url));
  const server = startProcess(job, withoutDeno === null ? [testDeno()] : []);
  const { peerId, multiaddrs } = (await server.ready()) as { peerId: string; multiaddrs: string[] };
  project.provide('netServer', { peerId, multiaddrs, webrtcObstacle: webrtcObstacle() ?? null, denoObstacle: withoutDeno });
  const dayNetwork = fileURLToPath(new URL('../../../dist/test/jobs/day-network.job.js', import.meta.url));
  const lobby = await openLobby({ 'day-network': dayNetwork });
  project.provide('lobby', lobby.url);
  return async () => {
    await lobby.close();
    await server.stop();
  };
}
