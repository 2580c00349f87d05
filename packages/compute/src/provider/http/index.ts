export { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './openai-server.ts';
