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
export { type FaultProxy, type Faults, startFaultProxy } from './fault-proxy.ts';
export { temporaryFolder } from './folder.ts';
export { type Network, startNetwork } from './network.ts';
export { freePort } from './port.ts';
export { type Exit, type ProcessOptions, runPerigee, startPerigee, startProcess, type TestProcess } from './process.ts';
export { createRandom, type Random, randomOf } from './random.ts';
