// Asks a provider with the official client, unchanged, and prints what it gave as one line of JSON.
import { readFileSync } from 'node:fs';
import OpenAI from 'openai';

const [, , baseURL, chatModel = 'letters', embeddingModel = 'counts'] = process.argv;
const { version } = JSON.parse(readFileSync(new URL('node_modules/openai/package.json', import.meta.url), 'utf8'));
const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });

const models = [];
for await (const { id } of client.models.list()) models.push(id);

const input = ['the nearest point of an orbit', 'nearest point in its orbit', 'a loaf of warm bread'];
const { data } = await client.embeddings.create({ model: embeddingModel, input });
const [a, b, c] = data.map(({ embedding }) => embedding);
const cosine = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);

const chat = { model: chatModel, messages: [{ role: 'user', content: 'Where is the perigee?' }], max_tokens: 60, seed: 7 };
const completion = await client.chat.completions.create(chat);
const whole = completion.choices[0].message.content;

let streamed = '';
let usage;
const stream = await client.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) {
  streamed += chunk.choices[0]?.delta.content ?? '';
  usage = chunk.usage ?? usage;
}

let refusal;
try {
  await client.chat.completions.create({ ...chat, model: 'none' });
} catch (error) {
  refusal = { status: error.status, code: error.code };
}
console.log(JSON.stringify({ version, models, near: cosine(a, b), far: cosine(a, c), whole, streamed, usage, refusal }));
