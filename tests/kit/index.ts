export { type AdversaryProcess, type Fault, startAdversaryProcess } from './adversary.ts';
export { chromiumObstacle, launchChromium, type TestBrowser, webrtcObstacle } from './chromium.ts';
export {
  type Crash,
  type CrashPlan,
  type CrashRounds,
  type CrashTally,
  crashRounds,
  type PlannedCrash,
  planCrash,
} from './crash.ts';
export { denoObstacle, testDeno } from './deno.ts';
export { type FaultProxy, type Faults, startFaultProxy } from './fault-proxy.ts';
export { temporaryFolder } from './folder.ts';
export { type LightRun, type LightSample, startLightRun } from './light-run.ts';
export { type Network, type NetworkOptions, type PublishOptions, startNetwork } from './network.ts';
export { type PageCrash, PageCrashes, readStored, type Stored, type WritePoint } from './page-crash.ts';
export { freePort, freeUdpPort } from './port.ts';
export { type Exit, type ProcessOptions, runPerigee, startPerigee, startProcess, type TestProcess } from './process.ts';
export { createRandom, type Random, randomOf } from './random.ts';
export {
  type DatagramFaultProxy,
  type DatagramFaults,
  startDatagramFaultProxy,
} from './udp-fault-proxy.ts';
