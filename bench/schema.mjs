// @ts-check

/**
 * One measured number. `median`, `min` and `max` are of `n` samples, in `unit`. `budget` is the limit that DESIGN §7 sets, where it sets
 * one: a floor if the unit is a rate (ends in `/s`) or how many times as fast it is as another (`×`), else a ceiling. `peer` is another program measured beside it in the same run.
 *
 * @typedef {object} Figure
 * @property {string} name
 * @property {string} unit
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number} n
 * @property {number | null} budget
 * @property {{ name: string, median: number } | null} peer
 */

/**
 * What `npm run bench -- --json` prints.
 *
 * @typedef {object} Report
 * @property {{ cpu: string, cores: number, memoryGib: number, system: string, node: string }} machine
 * @property {string} commit
 * @property {Figure[]} figures
 */

/** What is wrong with a figure, if anything. @param {unknown} value @returns {string | undefined} */
export function figureFault(value) {
  if (!isRecord(value)) return 'a figure is an object';
  const { name, unit, median, min, max, n, budget, peer } = value;
  if (typeof name !== 'string' || !/^[a-z]\w*(\.[a-z0-9]\w*)+$/.test(name))
    return `"${name}" is no figure name such as page.first_share_cold_ms`;
  if (typeof unit !== 'string' || unit === '') return `${name} has no unit`;
  if (!isPositive(median) || !isPositive(min) || !isPositive(max))
    return `${name}: median, min and max must be finite and not negative`;
  if (!(min <= median && median <= max)) return `${name}: the median ${median} does not lie in [${min}, ${max}]`;
  if (!Number.isSafeInteger(n) || Number(n) < 1) return `${name}: n must be a positive integer`;
  if (budget !== null && !isPositive(budget)) return `${name}: budget must be a number or null`;
  if (peer !== null && !(isRecord(peer) && typeof peer.name === 'string' && isPositive(peer.median)))
    return `${name}: peer must be {name, median} or null`;
  const extra = Object.keys(value).find((key) => !['name', 'unit', 'median', 'min', 'max', 'n', 'budget', 'peer'].includes(key));
  return extra === undefined ? undefined : `${name} has an unknown field "${extra}"`;
}

/** What is wrong with a report, if anything. @param {unknown} value @returns {string | undefined} */
export function reportFault(value) {
  if (!isRecord(value) || !isRecord(value.machine) || typeof value.commit !== 'string' || !Array.isArray(value.figures)) {
    return 'a report is {machine, commit, figures}';
  }
  const names = value.figures.map((figure) => (isRecord(figure) ? figure.name : undefined));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? value.figures.map(figureFault).find((fault) => fault !== undefined) : `${twice} is measured twice`;
}

/** Whether a figure keeps its budget; undefined without one. @param {Figure} figure */
export function withinBudget({ unit, median, budget }) {
  if (budget === null) return undefined;
  return unit.endsWith('/s') || unit === '×' ? median >= budget : median <= budget;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  return typeof value === 'object' && value !== null;
}

/** @param {unknown} value @returns {value is number} */
function isPositive(value) {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
