import { MAX_COMPOSED_SERVICES } from '@perigee/wire';
import { refuse } from '../code.ts';
import { readYaml, type Yaml, type YamlMap } from './yaml.ts';

/** What a composition of containers runs, and what of the host it lets in. */
export interface Composition {
  readonly services: readonly Service[];
}

export interface Service {
  readonly name: string;
  /** As it is written: pinned or not. */
  readonly image: string;
  /** Places in the container that show files from outside it. */
  readonly hostMounts: readonly HostMount[];
}

export interface HostMount {
  /** Path of the host, or the name of what is shown. */
  readonly source: string;
  /** The composition does not tell what that name stands for: it may be any folder or file of the host. */
  readonly isOpen: boolean;
  /** Absolute, without `.`, `..` and double slashes. */
  readonly target: string;
}

/** Members at the top whose meaning we know. `include` would bring another file. */
const TOP_MEMBERS: ReadonlySet<string> = new Set(['version', 'name', 'services', 'volumes', 'networks', 'configs', 'secrets']);
/** Members of a service by which another image, another file or another container's files come in. */
const REFUSED_MEMBERS = ['build', 'extends', 'env_file', 'volumes_from', 'provider', 'develop', 'credential_spec'] as const;

/**
 * Reads a composition.
 *
 * @throws refusals: PARSE, TOO_LARGE, POLICY for one that brings in what it does not name
 */
export function readComposition(text: string): Composition {
  const top = mapping(readYaml(text), 'The composition');
  for (const member of top.keys()) {
    if (!TOP_MEMBERS.has(member) && !member.startsWith('x-')) {
      throw refuse('POLICY', `The composition has a member "${member}", which may bring in what it does not name.`);
    }
  }
  const services = mapping(top.get('services') ?? '', 'The list of services');
  if (services.size === 0 || services.size > MAX_COMPOSED_SERVICES) {
    throw refuse('POLICY', `The composition has ${services.size} services, not 1 to ${MAX_COMPOSED_SERVICES}.`);
  }
  const shared = { volumes: optional(top, 'volumes'), configs: optional(top, 'configs'), secrets: optional(top, 'secrets') };
  return { services: [...services].map(([name, value]) => readService(name, value, shared)) };
}

interface Shared {
  readonly volumes: YamlMap;
  readonly configs: YamlMap;
  readonly secrets: YamlMap;
}

function readService(name: string, value: Yaml, shared: Shared): Service {
  const service = mapping(value, `Service ${name}`);
  const refused = REFUSED_MEMBERS.find((member) => service.has(member));
  if (refused !== undefined)
    throw refuse('POLICY', `Service ${name} has "${refused}", which brings in what the composition does not name.`);
  const image = service.get('image');
  if (typeof image !== 'string' || image === '') throw refuse('POLICY', `Service ${name} names no image.`);
  return {
    name,
    image,
    hostMounts: [
      ...list(service.get('volumes'), `volumes of service ${name}`).flatMap((one) => hostMount(name, one, shared.volumes)),
      ...files(name, service.get('configs'), shared.configs, '/'),
      ...files(name, service.get('secrets'), shared.secrets, '/run/secrets/'),
    ],
  };
}

/** A volume in either form, if it shows files of the host. */
function hostMount(service: string, value: Yaml, volumes: YamlMap): readonly HostMount[] {
  const { source, target, type } = typeof value === 'string' ? shortVolume(service, value) : longVolume(service, value);
  if (type === 'tmpfs') return [];
  if (/[$\\]/.test(source) || source.split('/').includes('..')) {
    throw refuse('POLICY', `Service ${service} shows "${source.slice(0, 80)}" of the host, which can be any of its files.`);
  }
  const named = source !== '' && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(source);
  if (type === 'volume' && (source === '' || (named && isOwn(volumes.get(source))))) return [];
  return [{ source, isOpen: !/^[./~]/.test(source), target: absolute(service, target) }];
}

/** A volume that the guest makes itself: one with options may be a folder of the host, one from outside anything. */
function isOwn(volume: Yaml | undefined): boolean {
  if (volume === undefined) return false;
  if (volume === '') return true;
  if (typeof volume === 'string' || Array.isArray(volume)) return false;
  return [...(volume as YamlMap).keys()].every((member) => member === 'name' || member === 'labels');
}

interface Volume {
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

/** `SOURCE:TARGET[:MODE]`, or `TARGET`. */
function shortVolume(service: string, text: string): Volume {
  const parts = text.split(':');
  if (parts.length > 3)
    throw refuse('POLICY', `Service ${service} has a volume "${text.slice(0, 80)}" that can be read in two ways.`);
  const [source = '', target] = parts;
  if (target === undefined) return { type: 'volume', source: '', target: source };
  return { type: /^[./~$\\]/.test(source) ? 'bind' : 'volume', source, target };
}

function longVolume(service: string, value: Yaml): Volume {
  const members = mapping(value, `A volume of service ${service}`);
  const text = (name: string) => {
    const member = members.get(name) ?? '';
    if (typeof member !== 'string') throw refuse('POLICY', `A volume of service ${service} has a ${name} that is no text.`);
    return member;
  };
  for (const alias of ['src', 'dst', 'destination']) {
    if (members.has(alias))
      throw refuse('POLICY', `A volume of service ${service} uses "${alias}", which engines read differently.`);
  }
  return { type: text('type'), source: text('source'), target: text('target') };
}

/** Configurations and secrets that a service shows in a folder of its own. Those whose text stands in the composition are measured with it. */
function files(service: string, value: Yaml | undefined, shared: YamlMap, folder: string): readonly HostMount[] {
  return list(value, `files of service ${service}`).flatMap((one) => {
    const source = typeof one === 'string' ? one : mapping(one, `A file of service ${service}`).get('source');
    if (typeof source !== 'string') throw refuse('POLICY', `Service ${service} shows a file that it does not name.`);
    const given = typeof one === 'string' ? undefined : (one as YamlMap).get('target');
    const target = given === undefined ? `${folder}${source}` : given;
    if (typeof target !== 'string') throw refuse('POLICY', `Service ${service} shows a file at no place.`);
    const members = mapping(shared.get(source) ?? '', `File ${source}`);
    const [content, file, variable] = ['content', 'file', 'environment'].map((member) => members.get(member));
    if (typeof content === 'string' && !content.includes('$')) return [];
    const isNamed = typeof file === 'string' && !/[$\\]/.test(file) && !file.split('/').includes('..');
    return [
      {
        source: isNamed ? file : source,
        isOpen: !isNamed && typeof (content ?? variable) !== 'string',
        target: absolute(service, target.startsWith('/') ? target : `${folder}${target}`),
      },
    ];
  });
}

/** @throws refusal POLICY for a path that is not absolute, or that another reader could take for another */
function absolute(service: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (!path.startsWith('/') || /[$\\]/.test(path) || parts.some((part) => part === '.' || part === '..')) {
    throw refuse(
      'POLICY',
      `Service ${service} shows files of the host at "${path.slice(0, 80)}", which is no plain absolute path.`,
    );
  }
  return `/${parts.join('/')}`;
}

function optional(map: YamlMap, name: string): YamlMap {
  const value = map.get(name) ?? '';
  return value === '' ? new Map() : mapping(value, `"${name}" of the composition`);
}

function mapping(value: Yaml, what: string): YamlMap {
  if (!(value instanceof Map)) throw refuse('POLICY', `${what} is no mapping.`);
  return value;
}

function list(value: Yaml | undefined, what: string): readonly Yaml[] {
  if (value === undefined || value === '') return [];
  if (!Array.isArray(value)) throw refuse('POLICY', `The ${what} are no list.`);
  return value;
}
