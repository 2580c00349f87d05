import type { ViewName } from '../navigation/views.ts';
import type { Settings } from '../settings/defaults.ts';
import type { Wipe } from '../settings/wipe.ts';
import type { AttestOrder } from './attestation.ts';
import type { PublishPolicy } from './blobs.ts';
import type { ComputeOrder } from './compute.ts';
import type { FoundPart } from './storage.ts';
import type { WalletOrder } from './wallet.ts';

/** What the view can ask for. None of these throws: what goes wrong is put into the model. */
export interface Actions {
  /** Shows another view; the address of the page says which. */
  go(view: ViewName): void;
  pause(): void;
  /** Starts anew: after a pause, and after a failure. */
  resume(): void;
  /** Makes a file available as a blob. A file whose upload was interrupted goes on where it was. */
  publish(file: File, policy: PublishPolicy): void;
  /** Fetches a blob, verifies it whole, and saves it as a file. @param blobId hexadecimal, 33 bytes */
  retrieve(blobId: string): void;
  /** Saves once more what a task has retrieved. */
  save(taskId: string): void;
  /** Does once more what has failed, with the same file. */
  retry(taskId: string): void;
  /** Ends a task that runs; takes one that has ended off the list. */
  cancel(taskId: string): void;
  /** Samples and shows a blob. @param text a commitment, a blob id, or a link with one */
  open(text: string): void;
  /** Shows a blob that is listed. @param blobId hexadecimal, 33 bytes; `undefined` follows the newest */
  choose(blobId: string | undefined): void;
  acceptTrust(): void;
  /** Stays with the page's own chain. */
  refuseTrust(): void;
  /** Goes back from a chain of a link to the page's own. */
  leaveTrust(): void;
  /** Lists wallets that announce themselves, from now on; shows the session that this browser's key has. */
  findWallets(): void;
  /** Asks a wallet to show this page an account. @param id of `WalletName` */
  connectWallet(id: string): void;
  leaveWallet(): void;
  /** Asks the faucet of a development chain for tokens for the wallet's account. */
  fundWallet(): void;
  /** Puts what the wallet is to sign into words, to be looked at before it opens. */
  prepare(order: WalletOrder): void;
  /** Has the wallet sign what was looked at, sends it, and waits until it is proved. */
  sign(): void;
  /** Takes back what is not sent yet. */
  cancelOrder(): void;
  /** Saves evidence as a file. @param id of `LightNodeState.evidence` */
  saveEvidence(id: string): void;
  /** Verifies evidence of hardware, in a worker. */
  attest(order: AttestOrder): void;
  /** Saves the last report as a file. */
  saveReport(): void;
  /** Stores a file, or goes on with one that was interrupted. @param replicas nodes that shall have each part */
  putFile(file: File, replicas: number): void;
  /** Looks up a stored file, and who has what of it. @param text its root, or its number on the chain */
  lookUp(text: string): void;
  /** Fetches what was looked up, and saves it: all of it, a range of bytes, one file or one tensor of a folder. */
  fetchFound(part: FoundPart): void;
  /** Ends a transfer that runs; takes one that has ended off the list. */
  cancelTransfer(id: string): void;
  /** Saves once more what a transfer has fetched. */
  saveTransfer(id: string): void;
  /** Looks into a stream. @param text 64 hexadecimal digits; `undefined` makes a new one */
  openStream(text: string | undefined): void;
  /** Shows more of its entries. */
  moreEntries(): void;
  /** Reads a value again. @param key hexadecimal @param isLatest proved anew; else what this device has will do */
  readEntry(key: string, isLatest: boolean): void;
  /** Writes a value; an empty one deletes the key. @param key text, or bytes behind 0x */
  writeEntry(key: string, value: string): void;
  /** The text of a value, to be changed; `undefined` where it is none, or cannot be had. @param key hexadecimal */
  entryText(key: string): Promise<string | undefined>;
  /** Asks models, embeds and searches texts, verifies receipts. */
  compute(order: ComputeOrder): void;
  /** Changes to the newer build of this page. */
  takeUpdate(): void;
  /** Shows what is kept of the chain that this address served before. */
  openEarlierChain(): void;
  /** Goes back to the chain that this address serves; without one that is open, takes the word of it off the screen. */
  leaveEarlierChain(): void;
  changeSettings(changes: Partial<Settings>): void;
  /** Asks the browser, on a click, whether it lets the page tell of what must not be missed; then it does. */
  allowNotifications(): void;
  /** Asks the browser not to drop what is kept here when the device is short of room. @returns whether it agreed */
  keepForGood(): Promise<boolean>;
  /** Deletes what is kept on this device, and begins anew. */
  wipe(what: Wipe): void;
  /** @param text to put on the clipboard @returns whether it is there */
  copy(text: string): Promise<boolean>;
}
