import type { Actions } from '../src/model.ts';

const nothing = (): void => {};

/** For views that are only looked at. */
export const IDLE: Actions = {
  pause: nothing,
  resume: nothing,
  publish: nothing,
  retrieve: nothing,
  save: nothing,
  retry: nothing,
  cancel: nothing,
  open: nothing,
  choose: nothing,
  acceptTrust: nothing,
  refuseTrust: nothing,
  leaveTrust: nothing,
  findWallets: nothing,
  connectWallet: nothing,
  leaveWallet: nothing,
  fundWallet: nothing,
  prepare: nothing,
  sign: nothing,
  cancelOrder: nothing,
  saveEvidence: nothing,
  attest: nothing,
  saveReport: nothing,
  copy: async () => false,
};
