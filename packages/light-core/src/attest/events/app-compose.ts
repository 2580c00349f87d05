import { MAX_APP_COMPOSE_BYTES } from '@perigee/wire';
import { refuse } from '../code.ts';
import { readJsonMembers } from '../json-slice.ts';

/** What a dstack guest is told to run; the hash of its bytes is measured. */
export interface AppCompose {
  readonly name: string;
  /** The composition of containers, YAML. */
  readonly composition: string;
  /** Variables that the operator may set from outside. */
  readonly allowedEnvs: readonly string[];
  /** Scripts that run as root before or beside the containers, by member name. */
  readonly scripts: ReadonlyMap<string, string>;
}

const SCRIPTS = ['pre_launch_script', 'init_script', 'bash_script'] as const;

/** Members that change nothing about which code runs. One that is not known might. */
const HARMLESS: ReadonlySet<string> = new Set([
  'manifest_version',
  'name',
  'features',
  'public_logs',
  'public_sysinfo',
  'public_tcbinfo',
  'kms_enabled',
  'gateway_enabled',
  'tproxy_enabled',
  'local_key_provider_enabled',
  'key_provider',
  'key_provider_id',
  'no_instance_id',
  'secure_time',
  'storage_fs',
  'swap_size',
]);

/**
 * Reads the JSON of an application.
 *
 * @param bytes exactly those that were measured
 * @throws refusals: TOO_LARGE, JSON, POLICY for an application that is no composition of containers
 */
export function readAppCompose(bytes: Uint8Array): AppCompose {
  if (bytes.length > MAX_APP_COMPOSE_BYTES) {
    throw refuse('TOO_LARGE', `The application has ${bytes.length} bytes, of ${MAX_APP_COMPOSE_BYTES} at most.`);
  }
  // strictly: of a member that stands twice, the guest may take the other one
  const members = new Map<string, unknown>([...readJsonMembers(bytes)].map(([member, { value }]) => [member, value]));
  const { name, runner, docker_compose_file, allowed_envs = [] } = Object.fromEntries(members);
  if (typeof name !== 'string') throw refuse('JSON', 'The application has no name.');
  if (runner !== 'docker-compose' || typeof docker_compose_file !== 'string') {
    throw refuse('POLICY', 'The application is no composition of containers, so its images are not known.');
  }
  if (!Array.isArray(allowed_envs) || !allowed_envs.every((one) => typeof one === 'string')) {
    throw refuse('JSON', 'The variables that the operator may set are no list of names.');
  }
  const known = new Set<string>([...HARMLESS, ...SCRIPTS, 'runner', 'docker_compose_file', 'allowed_envs', 'docker_config']);
  const unknown = [...members.keys()].find((member) => !known.has(member));
  if (unknown !== undefined)
    throw refuse('POLICY', `The application has a member "${unknown.slice(0, 40)}", which may change what runs.`);
  const config = members.get('docker_config') ?? {};
  if (typeof config !== 'object' || config === null || Object.keys(config).length > 0) {
    throw refuse('POLICY', 'The application configures the container engine, which may change where images come from.');
  }
  return { name, composition: docker_compose_file, allowedEnvs: allowed_envs, scripts: scriptsOf(members) };
}

function scriptsOf(members: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>();
  for (const name of SCRIPTS) {
    const script = members.get(name) ?? '';
    if (typeof script !== 'string') throw refuse('JSON', `The application's ${name} is no text.`);
    if (script !== '') scripts.set(name, script);
  }
  return scripts;
}
