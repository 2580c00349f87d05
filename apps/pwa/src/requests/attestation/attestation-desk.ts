/** A lazy chunk: what only a page that looks at evidence of hardware needs. */
import { encodeReport } from '@perigee/light-core/attest/file';
import type { LightNodeState } from '@perigee/sampler';
import type { Attestor } from '@perigee/sampler/attest';
import { MAX_ATTESTATION_FILE_BYTES, PerigeeError, utf8 } from '@perigee/wire';
import { savedName, shownText } from '../../files/names.ts';
import { readFile } from '../../files/read-file.ts';
import { saveFile } from '../../files/save-file.ts';
import { type AttestationView, type AttestOrder, type Model, NO_ATTESTATION } from '../../model/index.ts';
import type { NodeKeeper } from '../../node-keeper.ts';
import { attestorHere } from './attestor-here.ts';

/** Has evidence of hardware verified, and says in the model what was found. The newest order counts; one before it is given up. */
export class AttestationDesk {
  readonly #model: Model;
  readonly #keeper: NodeKeeper;
  readonly #attestor: Attestor;
  #running = new AbortController();

  constructor(model: Model, keeper: NodeKeeper) {
    this.#model = model;
    this.#keeper = keeper;
    this.#attestor = attestorHere(keeper, () => this.#verified()?.chain?.collateralFloors ?? {});
  }

  async attest(order: AttestOrder): Promise<void> {
    this.#running.abort(new PerigeeError('ABORTED', 'something else was handed over'));
    this.#running = new AbortController();
    const { signal } = this.#running;
    const { evidence } = order;
    const name = typeof evidence === 'string' ? undefined : shownText(evidence.name);
    this.#show({ ...NO_ATTESTATION, name, doing: 'verify', judgedAtMs: order.timeMs, isGivenTime: order.timeMs !== undefined });
    try {
      const [file, collateralFile] = [await bytesOf(evidence), order.collateral && (await bytesOf(order.collateral))];
      // what is kept of vendors lies with the node of this tab; without it less can be checked
      if (!this.#model.isLeading.value) await this.#keeper.ready(signal).catch(() => {});
      const timeMs = order.timeMs ?? this.#now();
      this.#change({ judgedAtMs: timeMs }, signal);
      const development = this.#verified()?.chain?.development === true;
      const request = { file, timeMs, development, ...(collateralFile === undefined ? {} : { collateralFile }) };
      const finding = await this.#attestor.verify(request, {
        signal,
        onFinding: (soFar) => this.#change({ finding: soFar, doing: 'collateral' }, signal),
      });
      this.#change({ finding, doing: undefined }, signal);
    } catch (thrown) {
      this.#change({ doing: undefined, problem: PerigeeError.from(thrown).toObject() }, signal);
    }
  }

  save(): void {
    const { finding, judgedAtMs, name } = this.#model.attestation.value;
    if (finding === undefined || judgedAtMs === undefined) return;
    const json = Uint8Array.from(encodeReport(finding, judgedAtMs));
    saveFile(new Blob([json], { type: 'application/json' }), savedName(`report-${name ?? 'evidence'}.json`, 'report.json'));
  }

  /**
   * What the light node of this tab verified; `undefined` before there is one. What the page shows may be another tab's or the extension's, on whose word
   * nothing is judged.
   */
  #verified(): LightNodeState | undefined {
    try {
      return this.#keeper.node().state;
    } catch {
      return undefined;
    }
  }

  /** The later of our clock and that of the newest verified header: a clock that is behind must not make expired evidence good. */
  #now(): number {
    return Math.max(Date.now(), this.#verified()?.head?.timeMs ?? 0);
  }

  #change(change: Partial<AttestationView>, signal: AbortSignal): void {
    if (!signal.aborted) this.#show({ ...this.#model.attestation.value, ...change });
  }

  #show(view: AttestationView): void {
    this.#model.attestation.value = view;
  }
}

/** @throws INVALID_ARGUMENT before a byte is read of what is too long */
async function bytesOf(source: File | string): Promise<Uint8Array> {
  const length = typeof source === 'string' ? source.length : source.size;
  if (length === 0 || length > MAX_ATTESTATION_FILE_BYTES) {
    const words = `evidence has 1 to ${MAX_ATTESTATION_FILE_BYTES} bytes with all that comes with it, and this has ${length}`;
    throw new PerigeeError('INVALID_ARGUMENT', words);
  }
  return typeof source === 'string' ? utf8(source) : readFile(source);
}
