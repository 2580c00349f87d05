/** A lazy chunk: what the page can be asked for beyond sampling. */
import type { OpfsSink } from '@perigee/sampler/web';
import { type ErrorCode, PerigeeError } from '@perigee/wire';
import { savedName, shownText } from '../files/names.ts';
import { checkFileSize } from '../files/read-file.ts';
import { saveFile } from '../files/save-file.ts';
import { linkOf, parseLink } from '../link.ts';
import type { AccountView, ComputeOrder, Model, PublishPolicy, PublishTask } from '../model/index.ts';
import { linkTo } from '../navigation/address.ts';
import type { NodeKeeper } from '../node-keeper.ts';
import type { AttestationDesk } from './attestation/attestation-desk.ts';
import type { ComputeDesk } from './compute/compute-desk.ts';
import { publishTask, retrieveTask } from './new-task.ts';
import { PUBLISH_LOCK } from './publish-lock.ts';
import type { StorageDesk } from './storage/storage-desk.ts';
import type { StreamsDesk } from './streams/streams-desk.ts';
import { type Run, Tasks } from './tasks.ts';
import { TrustDesk, type TrustLink } from './trust.ts';
import { isSameFile, type Upload, Uploads } from './uploads.ts';
import { type AnnouncedWallet, listenToWallets } from './wallet/announced.ts';
import type { WalletDesk } from './wallet/desk.ts';
import { KeptSessions } from './wallet/kept-session.ts';

/** What may pass by itself: a blob that could not be opened for it is asked for again. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BUSY', 'STREAM_CLOSED', 'TIMEOUT', 'UNPROVEN', 'UNREACHABLE']);

/** Retrieved files that are kept at once: each has up to MAX_BLOB_BYTES. */
const MAX_FILES = 8;

/** How often, and how long apart, the account of a kept session is looked up after a start, and a blob that could not be proved is asked for again, milliseconds. */
const MAX_LOOKUPS = 20;
const LOOK_AGAIN_MS = 1_500;

export interface RequestParts {
  readonly model: Model;
  readonly keeper: NodeKeeper;
}

/** Does what is asked for, and says in the model what becomes of it. What is thrown besides concerns no task. */
export class Requests {
  readonly tasks: Tasks;
  readonly #parts: RequestParts;
  readonly #uploads = new Uploads(() => localStorage);
  readonly #trust: TrustDesk;
  /** What was retrieved, by task; the oldest first. */
  readonly #files = new Map<string, OpfsSink>();
  /** What was to be published, by task, for who asks once more. */
  readonly #sources = new Map<string, { readonly file: File; readonly policy: PublishPolicy }>();
  readonly #retrieveLock = `perigee/retrieve/${crypto.randomUUID()}`;
  readonly #sessions = new KeptSessions(() => localStorage);
  #opening = new AbortController();
  #wallets: readonly AnnouncedWallet[] | undefined;
  #desk: Promise<WalletDesk> | undefined;
  #attestation: Promise<AttestationDesk> | undefined;
  #storage: Promise<StorageDesk> | undefined;
  #streams: Promise<StreamsDesk> | undefined;
  #compute: Promise<ComputeDesk> | undefined;

  constructor(parts: RequestParts) {
    this.#parts = parts;
    this.tasks = new Tasks(parts.model.tasks);
    this.#trust = new TrustDesk(parts.model, parts.keeper);
  }

  /** Lists uploads that an earlier page has begun, and no other tab goes on with. */
  async listUploads(): Promise<void> {
    const { held = [] } = await navigator.locks.query();
    for (const upload of this.#uploads.list(Date.now()).reverse()) {
      const runs = held.some(({ name }) => name === lockOf(upload));
      if (!runs && this.tasks.find(upload.id) === undefined) this.tasks.add(publishTask(upload));
    }
  }

  /** Publishes a file under the policy with which its upload began. */
  async publish(file: File, policy: PublishPolicy): Promise<void> {
    const now = Date.now();
    const { name, size, lastModified } = file;
    const known = this.#uploads.list(now).find((each) => isSameFile(each, file));
    const upload = known ?? { id: crypto.randomUUID(), name, size, lastModified, policy, startedAtMs: now };
    if (this.tasks.find(upload.id)?.status === 'running') return;
    let isOurs = false;
    await this.tasks.run(publishTask(upload), async (run) => {
      this.#sources.set(upload.id, { file, policy: upload.policy });
      run.onRemoved(() => this.#sources.delete(upload.id));
      checkFileSize(file, upload.policy.redundancy);
      return navigator.locks.request(lockOf(upload), { ifAvailable: true }, async (lock) => {
        if (lock === null) throw new PerigeeError('BUSY', `another tab of this page is publishing "${shownText(name)}"`);
        isOurs = true;
        this.#uploads.add(upload);
        const { signal } = run;
        return { result: await navigator.locks.request(PUBLISH_LOCK, { signal }, () => this.#publish(file, upload.policy, run)) };
      });
    });
    void this.#desk?.then((desk) => desk.refresh());
    if (isOurs && this.tasks.find(upload.id)?.status !== 'interrupted') this.#uploads.remove(upload.id, Date.now());
  }

  /**
   * Does what a link, a blob id or a commitment asks for.
   *
   * @throws INVALID_ARGUMENT, BLOB_VERSION, TRUST_ROOT; what `LightNode.sample` throws
   */
  async open(text: string): Promise<void> {
    const link = parseLink(text);
    const { blobId, trust, peers } = link;
    if (blobId === undefined && trust === undefined && peers.length === 0) {
      throw new PerigeeError('INVALID_ARGUMENT', 'this link names a view of this page and no blob; use the navigation for it');
    }
    if (trust !== undefined) this.#trust.ask({ ...link, trust });
    else this.#parts.keeper.addPeers(peers);
    if (blobId !== undefined && this.#parts.model.trustRequest.value === undefined) await this.#openBlob(blobId);
  }

  /** Starts the visit that a link to another chain began. @throws what `open` throws */
  async arrive(text: string): Promise<void> {
    const { blobId, trust, peers } = linkOf(text);
    if (trust !== undefined && this.#trust.wasAccepted(trust)) {
      await this.acceptTrust({ blobId, trust, peers });
    } else {
      this.#parts.keeper.start();
      await this.open(text);
    }
  }

  /** @throws what `open` throws */
  async acceptTrust(link?: TrustLink): Promise<void> {
    const accepted = this.#trust.accept(link);
    if (accepted === undefined) return;
    this.#startAnew();
    if (accepted.blobId !== undefined) await this.#openBlob(accepted.blobId);
  }

  refuseTrust(): void {
    this.#trust.refuse();
  }

  leaveTrust(): void {
    this.#trust.leave();
    this.#startAnew();
  }

  /** Shows what is kept of the chain that this address served before. @throws NOT_FOUND */
  openEarlierChain(): void {
    this.#trust.openEarlier();
    this.#startAnew();
  }

  leaveEarlierChain(): void {
    if (this.#trust.leaveEarlier()) this.#startAnew();
  }

  /** Nothing of one chain goes over to another. */
  #startAnew(): void {
    const { model, keeper } = this.#parts;
    this.tasks.interrupt();
    this.#opening.abort(new PerigeeError('ABORTED', 'another chain is followed'));
    model.state.value = undefined;
    model.chosen.value = undefined;
    model.opening.value = undefined;
    model.account.value = undefined;
    void this.#desk?.then((desk) => desk.leave());
    void this.#storage?.then((desk) => desk.leave());
    void this.#streams?.then((desk) => desk.leave());
    void this.#compute?.then((desk) => desk.leave());
    keeper.start();
  }

  /** Has the address of the page name what is shown; the newest blob is that of an address without any. */
  choose(blobId: string | undefined): void {
    this.#opening.abort(new PerigeeError('ABORTED', 'another blob was chosen'));
    this.#opening = new AbortController();
    this.#trust.show(blobId);
    // what a person looks at is held, which only the node of this tab does
    if (blobId !== undefined) this.#parts.keeper.lead(this.#opening.signal).catch(() => {});
  }

  async #openBlob(blobId: string): Promise<void> {
    this.#opening.abort(new PerigeeError('ABORTED', 'something else was opened'));
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    const { model } = this.#parts;
    this.#trust.show(blobId);
    model.chosen.value = blobId;
    model.opening.value = { blobId, status: 'asked' };
    for (let attempts = 1; ; attempts++) {
      try {
        await this.#sample(blobId, signal);
        if (signal.aborted) return;
        model.refusal.value = undefined;
        model.opening.value = { blobId, status: 'opened' };
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = PerigeeError.from(thrown);
        const isPaused = error.code === 'ABORTED';
        if (!isPaused) model.opening.value = { blobId, status: 'refused' };
        if (!(isPaused || PASSING.has(error.code)) || attempts === MAX_LOOKUPS) throw error;
        if (!isPaused) model.refusal.value = error.toObject();
      }
      do await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      while (model.paused.value && !signal.aborted);
      if (signal.aborted) return;
    }
  }

  async #sample(blobId: string, signal: AbortSignal): Promise<void> {
    const { node } = await this.#parts.keeper.ready(signal);
    await node.sample(blobId, { signal });
  }

  /** Fetches a blob and saves it. */
  async retrieve(blobId: string): Promise<void> {
    const { keeper } = this.#parts;
    const task = retrieveTask(blobId, this.#nameOf(blobId));
    await this.tasks.run(task, async ({ signal, report, onRemoved }) => {
      const [{ node }, { retrieveFile }] = await Promise.all([keeper.ready(signal), import('./retrieve-file.ts')]);
      return navigator.locks.request(this.#retrieveLock, { signal }, async () => {
        const { result, file } = await retrieveFile({ node, blobId, signal, report });
        this.#files.set(task.id, file);
        onRemoved(() => {
          this.#files.delete(task.id);
          void file.release();
        });
        return { result, bytes: result.length };
      });
    });
    await this.save(task.id);
    const [oldest] = this.#files.keys();
    if (this.#files.size > MAX_FILES && oldest !== undefined) this.tasks.remove(oldest);
  }

  /** Does once more what has failed; its task gives its place to the new one. */
  async retry(taskId: string): Promise<void> {
    const task = this.tasks.find(taskId);
    const source = this.#sources.get(taskId);
    if (task?.status !== 'failed') return;
    this.tasks.remove(taskId);
    if (task.kind === 'retrieve') await this.retrieve(task.blobId);
    else if (source !== undefined) await this.publish(source.file, source.policy);
  }

  /** Saves what a task has retrieved, once more if it was saved before. @throws UNSUPPORTED, STORE_FULL */
  async save(taskId: string): Promise<void> {
    const file = this.#files.get(taskId);
    const task = this.tasks.find(taskId);
    if (file !== undefined && task !== undefined) saveFile(await file.file(), savedName(task.name, 'perigee.bin'));
  }

  /** The chain knows no names: what was published here has its own, all else has one made of its id. */
  #nameOf(blobId: string): string {
    const published = this.#parts.model.tasks.value.find((task) => task.kind === 'publish' && task.result?.blobId === blobId);
    return published?.name ?? `perigee-${blobId.slice(0, 12)}.bin`;
  }

  /** Takes a task off the list, or ends it; an upload that is taken off is not gone on with. */
  cancel(id: string): void {
    this.tasks.cancel(id);
    if (this.tasks.find(id) === undefined) this.#uploads.remove(id, Date.now());
  }

  /** @throws NOT_FOUND, ABORTED */
  async saveEvidence(id: string): Promise<void> {
    const { keeper, model } = this.#parts;
    const node = model.isLeading.value ? keeper.node() : (await keeper.ready(new AbortController().signal)).node;
    const file = Uint8Array.from(await node.evidence(id));
    saveFile(new Blob([file]), savedName(`perigee-evidence-${id}.bin`, 'perigee-evidence.bin'));
  }

  /** Lists wallets, from now on. */
  findWallets(): void {
    if (this.#wallets !== undefined) return;
    const { wallet } = this.#parts.model;
    const show = (wallets: readonly AnnouncedWallet[]): void => {
      this.#wallets = wallets;
      const announced = wallets.map(({ id, name, icon }) => ({ id, name, icon }));
      wallet.value = { ...wallet.value, announced };
    };
    show([]);
    listenToWallets(window, show);
    if (!this.#sessions.isEmpty) void this.#showAccount();
  }

  /** Says for whom this browser publishes before it does. Who begins to publish meanwhile hears it then. */
  async #showAccount(): Promise<void> {
    const { model, keeper } = this.#parts;
    const { signal } = new AbortController();
    for (let lookups = 0; lookups < MAX_LOOKUPS && model.account.value === undefined; lookups++) {
      try {
        const [{ node }, { accountView }] = await Promise.all([keeper.ready(signal), import('./publish-file.ts')]);
        const account = await accountView(node, this.#sessions, signal);
        model.account.value ??= account;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS)); // no peer proves anything yet
      }
    }
  }

  /** Has the wallet's desk do something; what it is needed for is fetched when it is first wanted. */
  async wallet(work: (desk: WalletDesk) => void | Promise<void>): Promise<void> {
    this.#desk ??= this.#openDesk().catch((thrown) => {
      this.#desk = undefined; // the next request tries again
      throw thrown;
    });
    await work(await this.#desk);
  }

  async #openDesk(): Promise<WalletDesk> {
    const { WalletDesk } = await import('./wallet/desk.ts');
    return new WalletDesk({ ...this.#parts, sessions: this.#sessions, wallets: () => this.#wallets ?? [] });
  }

  /** Has evidence of hardware looked at; what it is needed for is fetched when it is first wanted. */
  async attestation(work: (desk: AttestationDesk) => void | Promise<void>): Promise<void> {
    this.#attestation ??= this.#openAttestation().catch((thrown) => {
      this.#attestation = undefined; // the next request tries again
      throw thrown;
    });
    await work(await this.#attestation);
  }

  /** Has files stored and fetched; what that takes is fetched when it is first wanted. */
  async storage(work: (desk: StorageDesk) => void | Promise<void>): Promise<void> {
    this.#storage ??= this.#openStorage().catch((thrown) => {
      this.#storage = undefined; // the next request tries again
      throw thrown;
    });
    await work(await this.#storage);
  }

  async #openStorage(): Promise<StorageDesk> {
    const { StorageDesk } = await import('./storage/storage-desk.ts');
    return new StorageDesk(this.#parts.model, this.#parts.keeper);
  }

  /** Has streams looked into; what that takes is fetched when it is first wanted. */
  async streams(work: (desk: StreamsDesk) => void | Promise<void>): Promise<void> {
    this.#streams ??= this.#openStreams().catch((thrown) => {
      this.#streams = undefined; // the next request tries again
      throw thrown;
    });
    await work(await this.#streams);
  }

  async #openStreams(): Promise<StreamsDesk> {
    const { StreamsDesk } = await import('./streams/streams-desk.ts');
    return new StreamsDesk(this.#parts.model, this.#parts.keeper, this.#sessions);
  }

  /** Has models asked; what that takes is fetched when it is first wanted. */
  async compute(order: ComputeOrder): Promise<void> {
    this.#compute ??= this.#openCompute().catch((thrown) => {
      this.#compute = undefined; // the next request tries again
      throw thrown;
    });
    await (await this.#compute).do(order);
  }

  async #openCompute(): Promise<ComputeDesk> {
    const { ComputeDesk } = await import('./compute/compute-desk.ts');
    return new ComputeDesk(this.#parts.model, this.#parts.keeper, this.#sessions);
  }

  async #openAttestation(): Promise<AttestationDesk> {
    const { AttestationDesk } = await import('./attestation/attestation-desk.ts');
    return new AttestationDesk(this.#parts.model, this.#parts.keeper);
  }

  async #publish(file: File, policy: PublishPolicy, { signal, report }: Run<PublishTask>): Promise<PublishTask['result']> {
    const { model, keeper } = this.#parts;
    const [{ node, host }, { publishFile }] = await Promise.all([keeper.ready(signal), import('./publish-file.ts')]);
    const onAccount = (account: AccountView): void => {
      model.account.value = account;
    };
    const published = await publishFile({
      node,
      host: await host,
      file,
      policy,
      sessions: this.#sessions,
      signal,
      report,
      onAccount,
    });
    return { ...published, link: linkTo(published.blobId, model.trusted.value, location.href) };
  }
}

/** Held while an upload goes on, so that other tabs see that it does. */
function lockOf(upload: Upload): string {
  return `perigee/upload/${upload.id}`;
}
