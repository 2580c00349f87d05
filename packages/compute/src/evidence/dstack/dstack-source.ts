import {
  fromHex,
  MAX_EVENT_NAME_CHARACTERS,
  MAX_EVENT_PAYLOAD_BYTES,
  MAX_REPORT_BYTES,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import { checkBound } from '../bound-data.ts';
import { checkReportData, type EvidenceSource } from '../source.ts';
import { type AgentOptions, callAgent } from './agent-call.ts';

/** What the agent says of its guest: hints, for the registers prove them. */
export interface DstackInfo {
  /** Hexadecimal, as the two that follow. */
  readonly appId: string;
  readonly instanceId: string;
  readonly composeHash: string;
  /** The exact text of the compose file, whose SHA-256 is measured. */
  readonly appCompose: string;
}

/** A guest of dstack, through its agent. */
export interface DstackSource extends EvidenceSource {
  info(signal: AbortSignal): Promise<DstackInfo>;
  /**
   * Measures an event into register 3, for good.
   *
   * @param name at most MAX_EVENT_NAME_CHARACTERS of letters, digits, `_` and `-`
   * @param payload at most MAX_EVENT_PAYLOAD_BYTES
   */
  emitEvent(name: string, payload: Uint8Array, signal: AbortSignal): Promise<void>;
}

export function dstackSource(options: AgentOptions = {}): DstackSource {
  return {
    platform: 'intel-tdx',
    async quote(reportData, signal) {
      checkReportData(reportData);
      const answer = await callAgent('GetQuote', { report_data: toHex(reportData) }, options, signal);
      const bytes = hexField(answer, 'quote', MAX_REPORT_BYTES);
      checkBound('intel-tdx', bytes, reportData);
      return { platform: 'intel-tdx', bytes, eventLog: textField(answer, 'event_log') };
    },
    async info(signal) {
      const answer = await callAgent('Info', {}, options, signal);
      const measured = objectField(answer, 'tcb_info');
      return {
        appId: textField(answer, 'app_id'),
        instanceId: textField(answer, 'instance_id'),
        composeHash: textField(measured, 'compose_hash'),
        appCompose: textField(measured, 'app_compose'),
      };
    },
    async emitEvent(name, payload, signal) {
      if (name.length > MAX_EVENT_NAME_CHARACTERS || !/^[\w-]+$/.test(name)) {
        throw new PerigeeError('INVALID_ARGUMENT', `"${name.slice(0, 80)}" is no name of an event: letters, digits, "_" and "-"`);
      }
      if (payload.length > MAX_EVENT_PAYLOAD_BYTES) {
        const words = `event ${name} has ${payload.length} bytes; at most ${MAX_EVENT_PAYLOAD_BYTES} are measured`;
        throw new PerigeeError('INVALID_ARGUMENT', words);
      }
      await callAgent('EmitEvent', { event: name, payload: toHex(payload) }, options, signal);
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function textField(answer: Fields, name: string): string {
  const value = answer[name];
  if (typeof value === 'string') return value;
  throw new PerigeeError('PARSE', `the agent's answer has no text "${name}"`);
}

function hexField(answer: Fields, name: string, max: number): Uint8Array {
  const text = textField(answer, name);
  if (text.length > 2 * max + 2) {
    throw new PerigeeError('FRAME_TOO_LARGE', `"${name}" of the agent has ${text.length} digits; at most ${2 * max} are read`);
  }
  return fromHex(text);
}

/** An object, or one that is text of JSON, as some versions of the agent have it. */
function objectField(answer: Fields, name: string): Fields {
  const value = answer[name];
  const parsed = typeof value === 'string' ? parse(value) : value;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Fields;
  throw new PerigeeError('PARSE', `the agent's answer has no object "${name}"`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
