// @ts-check
import { readFileSync } from 'node:fs';
import { BaseSequencer } from 'vitest/node';

/** @typedef {import('vitest/node').TestSpecification} TestSpecification */

/** Projects one after the other, because processes that share imports are kept for one only: those that wait much first, those that only compute last. */
const PROJECTS = ['webrtc', 'node', 'pure'];
/** What starts a network or processes: these files take longest, however short they are, and mostly wait. */
const STARTS = /\b(startLocalNetwork|startNetwork|startPerigee|runPerigee|startProcess|crashRounds|startAdversaryProcess)\b/;
/** Of a project's files, those that wait have begun when this share of the others has. */
const BEGUN_BY = 2 / 3;

/**
 * Spreads the files that wait among those that compute, so that neither the processor is idle nor many networks start at once, and none of them is
 * left over when all others have ended. Vitest itself knows no times in a new clone, and goes by the length of files.
 */
export class Sequence extends BaseSequencer {
  /** @override @param {TestSpecification[]} files */
  async sort(files) {
    const sorted = await super.sort(files);
    const names = [...new Set(sorted.map(({ project }) => project.name))].sort(
      (a, b) => PROJECTS.indexOf(a) - PROJECTS.indexOf(b),
    );
    return names.flatMap((name) => spread(sorted.filter(({ project }) => project.name === name)));
  }
}

/** @param {readonly TestSpecification[]} files @returns {TestSpecification[]} */
function spread(files) {
  const waits = files.filter(({ moduleId }) => STARTS.test(readFileSync(moduleId, 'utf8')));
  const computes = files.filter((file) => !waits.includes(file));
  return [
    ...waits.map((file, i) => ({ file, place: (i / waits.length) * BEGUN_BY })),
    ...computes.map((file, i) => ({ file, place: i / computes.length })),
  ]
    .sort((a, b) => a.place - b.place)
    .map(({ file }) => file);
}
