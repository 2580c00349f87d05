/** Intel's quotes, whole: what Intel's own library checks (DCAP Quote Verification Library), and that collateral does not go back. */
import { CheckList } from '../check.ts';
import { refuse } from '../code.ts';
import type { VerifyPlatform } from '../context.ts';
import { authenticate } from './authentic.ts';
import { type IntelCheckName, SGX_CHECKS, TDX_CHECKS } from './checks.ts';
import { fieldsOf, type IntelClaims } from './claims.ts';
import { judgeCode, judgePlatform } from './judge.ts';
import { isZero } from './masked.ts';
import type { IntelPolicy } from './policy.ts';
import { isEnclaveQuote, readQuote } from './quote.ts';
import { checkSignatures } from './signatures.ts';

export const verifyIntel: VerifyPlatform<IntelPolicy, IntelClaims> = async (bytes, context) => {
  const policy = context.policy ?? {};
  const isEnclave = isEnclaveQuote(bytes);
  const checks = new CheckList<IntelCheckName>(isEnclave ? SGX_CHECKS : TDX_CHECKS, notAsked(policy, isEnclave));
  const quote = await checks.run('parse', () => {
    const value = readQuote(bytes);
    return { value, reason: `the bytes are a quote of version ${value.version}` };
  });
  // no quote of an enclave that a real processor made is among what this was tested with
  const common = {
    platform: isEnclave ? 'intel-sgx' : 'intel-tdx',
    hardware: isEnclave ? 'untested on hardware' : 'tested',
  } as const;
  if (quote === undefined) return { ...common, checks: checks.all(), fields: [], claims: undefined, seen: {} };

  await checks.run('trailingBytes', () => {
    const { length } = quote.trailing;
    if (!isZero(quote.trailing)) throw refuse('TRAILING_BYTES', `${length} bytes that are not zero stand behind the quote`);
    return `${length} zeros stand behind the quote`;
  });
  const authentic = await authenticate(quote, checks, { ...context, policy });
  await checkSignatures(quote, authentic.pck, checks, context.crypto);
  const tcb = await judgePlatform(quote, authentic, checks, policy, context.time);
  await judgeCode(quote, checks, policy);

  const { tcbInfo, seen } = authentic;
  const { body, version } = quote;
  const claims = tcb && tcbInfo ? { ...body, version, tcb, tcbEvaluation: tcbInfo.evaluation, fmspc: tcbInfo.fmspc } : undefined;
  return { ...common, checks: checks.all(), fields: fieldsOf(quote), claims, seen };
};

/** Checks that a policy does not ask for: they are not required, and cap the label all the same. */
function notAsked({ trustDomains = [], enclaves = [], reportData }: IntelPolicy, isEnclave: boolean): IntelCheckName[] {
  const asksCode = (isEnclave ? enclaves : trustDomains).length > 0;
  return [...(asksCode ? [] : (['measurements'] as const)), ...(reportData === undefined ? (['reportData'] as const) : [])];
}
