// @ts-check
import { writeFileSync } from 'node:fs';
import { emptyTally } from './tally.mjs';

/** @typedef {import('@playwright/test/reporter').Reporter} Reporter */

/**
 * Counts tests for `scripts/test.mjs`, which names the file in PERIGEE_TALLY.
 *
 * @implements {Reporter}
 */
// biome-ignore lint/style/noDefaultExport: Playwright loads a reporter's default export
export default class TallyReporter {
  /** @type {import('@playwright/test/reporter').Suite | undefined} */
  #suite;
  /** @type {string[]} */
  #errors = [];

  /** @param {import('@playwright/test/reporter').FullConfig} _ @param {import('@playwright/test/reporter').Suite} suite */
  onBegin(_, suite) {
    this.#suite = suite;
  }

  /** @param {import('@playwright/test/reporter').TestError} error */
  onError(error) {
    this.#errors.push(`error outside of a test: ${error.message ?? error.value}`);
  }

  onEnd() {
    const tally = emptyTally();
    tally.failed.push(...this.#errors);
    for (const test of this.#suite?.allTests() ?? []) {
      const name = test.titlePath().filter(Boolean).join(' > ');
      const outcome = test.outcome();
      const reason = test.annotations.find(({ type }) => type === 'skip')?.description;
      if (outcome === 'skipped' && test.expectedStatus === 'skipped')
        tally.skipped.push({ name, reason: reason ?? 'as its name says' });
      else if (outcome === 'expected') tally.passed++;
      else tally.failed.push(name);
    }
    const file = process.env.PERIGEE_TALLY;
    if (file !== undefined) writeFileSync(file, JSON.stringify(tally));
  }
}
