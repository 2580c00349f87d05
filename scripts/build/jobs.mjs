// @ts-check
import { join } from 'node:path';
import { build } from 'rolldown';
import { filesUnder } from '../lib/files.mjs';
import { at } from '../lib/paths.mjs';
import { UserError } from '../lib/step.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

/** Job files for worker threads: one bundle each, so that a worker loads one file. */
export function buildJobs() {
  return buildJobsOf('jobs', 'src', 'dist/node/jobs');
}

/** Jobs that only tests start. */
export function buildTestJobs() {
  return buildJobsOf('test-jobs', 'test', 'dist/test/jobs');
}

/**
 * @param {string} name
 * @param {'src' | 'test'} folder
 * @param {string} output
 */
async function buildJobsOf(name, folder, output) {
  const pattern = new RegExp(`^packages/[^/]+/${folder}/jobs/([^/]+)\\.job\\.ts$`);
  /** @type {Map<string, string>} */
  const jobs = new Map();
  for (const file of filesUnder(['packages'])) {
    const job = pattern.exec(file)?.[1];
    if (job === undefined) continue;
    if (jobs.has(job)) throw new UserError(`${jobs.get(job)} and ${file} are both job "${job}": a job's name must be unique.`);
    jobs.set(job, file);
  }
  await buildPart({
    name,
    output,
    inputs: ['packages'],
    forTests: folder === 'test',
    async make(out) {
      for (const [job, file] of jobs) {
        await build({
          ...nodeOptions,
          input: at(file),
          output: { ...nodeOptions.output, file: join(out, `${job}.job.js`), codeSplitting: false },
        });
      }
    },
  });
}
