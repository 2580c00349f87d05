import { PerigeeError } from '@perigee/wire';
import { blameOf } from './faults.ts';
import type { LightProvider } from './provider.ts';

/**
 * Who is asked and who is compared with. A primary that does not answer changes places with a witness; one that is wrong is never asked again, and so
 * is a witness.
 */
export class Providers {
  #primary: LightProvider;
  #witnesses: readonly LightProvider[];

  constructor(primary: LightProvider, witnesses: readonly LightProvider[]) {
    this.#primary = primary;
    this.#witnesses = witnesses;
  }

  get primary(): LightProvider {
    return this.#primary;
  }

  get witnesses(): readonly LightProvider[] {
    return this.#witnesses;
  }

  /**
   * Asks the primary, and whoever takes its place.
   *
   * @returns the first result. @throws the last failure; what is nobody's fault, at once
   */
  async ask<T>(question: (provider: LightProvider) => Promise<T>): Promise<T> {
    const asked = new Set<LightProvider>();
    for (;;) {
      const primary = this.#primary;
      asked.add(primary);
      try {
        return await question(primary);
      } catch (error) {
        const blame = blameOf(error);
        if (blame === 'ours') throw error;
        const next = this.#witnesses.find((witness) => !asked.has(witness));
        if (next === undefined) throw error;
        const others = this.#witnesses.filter((witness) => witness !== next);
        this.#witnesses = blame === 'silence' ? [...others, primary] : others;
        this.#primary = next;
      }
    }
  }

  dropWitness(witness: LightProvider): void {
    this.#witnesses = this.#witnesses.filter((each) => each !== witness);
  }

  /** @throws UNREACHABLE when nobody is left to compare with */
  requireWitness(): void {
    if (this.#witnesses.length > 0) return;
    throw new PerigeeError('UNREACHABLE', 'no witness is left to compare headers with; give the light client another one');
  }
}
