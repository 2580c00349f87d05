// The data of the calls by which 0G's clients submit files, as ethers encodes it: one JSON {submissions, submitter} on standard input; out, for each
// submission, `submit` in both shapes, and last both `batchSubmit` of all.
import { json } from 'node:stream/consumers';
import { Interface } from 'ethers';

const SUBMISSION = '(uint256 length, bytes tags, (bytes32 root, uint256 height)[] nodes)';
const old = new Interface([`function submit(${SUBMISSION} s)`, `function batchSubmit(${SUBMISSION}[] s)`]);
const current = new Interface([
  `function submit((${SUBMISSION} data, address submitter) s)`,
  `function batchSubmit((${SUBMISSION} data, address submitter)[] s)`,
]);

const { submissions, submitter } = await json(process.stdin);
const both = (name, without, withSubmitter) => [
  old.encodeFunctionData(name, [without]),
  current.encodeFunctionData(name, [withSubmitter]),
];
const named = (data) => ({ data, submitter });
console.log(
  JSON.stringify([
    ...submissions.map((one) => both('submit', one, named(one))),
    both('batchSubmit', submissions, submissions.map(named)),
  ]),
);
