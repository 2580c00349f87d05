// @ts-check
import { writeFileSync } from 'node:fs';
import { emptyTally } from './tally.mjs';

/** @typedef {import('vitest/reporters').Reporter} Reporter */

/**
 * Counts tests for `scripts/test.mjs`, which names the file in PERIGEE_TALLY. `context.skip('reason')` carries its reason;
 * `test.skipIf` has none, so such a test is named with it.
 *
 * @implements {Reporter}
 */
// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter's default export
export default class TallyReporter {
  #tally = emptyTally();

  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    const name = `${test.project.name}: ${test.module.relativeModuleId} > ${test.fullName}`;
    const result = test.result();
    if (result.state === 'passed') this.#tally.passed++;
    if (result.state === 'failed') this.#tally.failed.push(name);
    if (result.state === 'skipped') this.#tally.skipped.push({ name, reason: result.note ?? 'as its name says' });
  }

  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<{ message: string }>} errors
   */
  onTestRunEnd(modules, errors) {
    for (const module of modules)
      if (module.errors().length > 0) this.#tally.failed.push(`${module.relativeModuleId} does not load`);
    for (const error of errors) this.#tally.failed.push(`error outside of a test: ${error.message}`);
    const file = process.env.PERIGEE_TALLY;
    if (file !== undefined) writeFileSync(file, JSON.stringify(this.#tally));
  }
}
