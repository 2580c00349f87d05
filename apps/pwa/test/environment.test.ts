import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { hasWebrtc, requireEnvironment, type Scope } from '../src/environment.ts';
import { adviceFor } from '../src/strings/index.ts';

const whole: Scope = { isSecureContext: true, WebAssembly: {}, Worker: class {}, RTCPeerConnection: class {} };

function refusal(scope: Scope): PerigeeError {
  try {
    requireEnvironment(scope);
  } catch (thrown) {
    return PerigeeError.from(thrown);
  }
  throw new Error('not refused');
}

describe('requireEnvironment', () => {
  it('takes a browser that has what the checks need, with or without WebRTC', () => {
    requireEnvironment(whole);
    requireEnvironment({ ...whole, RTCPeerConnection: undefined });
  });

  it.each([
    ['secure context', { ...whole, isSecureContext: false }],
    ['WebAssembly', { ...whole, WebAssembly: undefined }],
    ['Worker', { ...whole, Worker: undefined }],
  ])('refuses one without %s, with advice of its own', (missing, scope) => {
    const error = refusal(scope);
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.data).toEqual({ missing });
    expect(adviceFor(error.code, missing)).not.toEqual(adviceFor('UNSUPPORTED'));
  });
});

it('knows WebRTC by its constructor', () => {
  expect(hasWebrtc(whole)).toBe(true);
  expect(hasWebrtc({ ...whole, RTCPeerConnection: undefined })).toBe(false);
});
