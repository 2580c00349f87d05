export { callFrames, endpointOf, readCall } from './openai-call.ts';
export { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './openai-server.ts';
