/** What `compose.yaml` and the Dockerfile promise to people who run Parley in containers. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

interface Container {
  image?: string;
  user?: string;
  ports?: string[];
  volumes?: string[];
  tmpfs?: string[];
  networks?: string[];
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  cap_add?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  read_only?: boolean;
  privileged?: boolean;
  network_mode?: string;
  pid?: string;
  pids_limit?: number;
  logging?: { driver: string; options: Record<string, string> };
}

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Container>;
  networks: Record<string, { internal?: boolean } | null>;
};
const containers = Object.entries(compose.services);
const dockerfile = read('Dockerfile');

/** What is built here has its user from the Dockerfile. */
const builtHere = (container: Container): boolean => container.image === 'parley';

describe('compose.yaml', () => {
  test('starts what it is to start', () => {
    expect(containers.map(([name]) => name).sort()).toEqual(['mongo', 'n1', 'n2', 'n3', 'nginx', 'redis', 'worker']);
  });

  test.each(containers)('%s has no rights that it does not need', (_name, container) => {
    expect(container.cap_drop).toEqual(['ALL']);
    expect(container.cap_add).toBeUndefined();
    expect(container.security_opt).toContain('no-new-privileges:true');
    expect(container.privileged).toBeUndefined();
    expect([container.network_mode, container.pid]).toEqual([undefined, undefined]);
    expect(container.pids_limit).toBeGreaterThan(0);
    if (!builtHere(container)) expect(container.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test.each(containers)('%s has a root that cannot be written, and /tmp in memory', (_name, container) => {
    expect(container.read_only).toBe(true);
    expect(container.tmpfs).toContain('/tmp');
    for (const volume of container.volumes ?? []) expect(volume).toMatch(/^(mongo|redis):\/data|:ro$/);
  });

  test.each(containers)('%s keeps its logs short', (_name, { logging }) => {
    expect(logging?.driver).toBe('json-file');
    expect(logging?.options['max-size']).toMatch(/^\d{1,2}m$/);
    expect(Number(logging?.options['max-file'])).toBeLessThanOrEqual(5);
  });

  test.each(containers)('%s publishes a port only if it is the proxy, and reaches only whom it must', (name, { ports, networks }) => {
    expect(ports?.length ?? 0).toBe(name === 'nginx' ? 1 : 0);
    expect(networks).toEqual({ nginx: ['front'], mongo: ['back'], redis: ['back'], worker: ['back'] }[name] ?? ['front', 'back']);
  });

  test('has the databases where nobody outside reaches them, and they ask for a password', () => {
    expect(compose.networks.back?.internal).toBe(true);
    const { mongo, redis, n1, worker } = compose.services;
    expect(mongo?.command).toEqual(expect.arrayContaining(['--keyFile', '--replSet']));
    expect(mongo?.environment?.MONGO_INITDB_ROOT_PASSWORD).toMatch(/^\$\{MONGODB_PASSWORD:\?/);
    expect(redis?.entrypoint?.join(' ')).toContain('requirepass');
    expect(redis?.environment?.REDISCLI_AUTH).toMatch(/^\$\{REDIS_PASSWORD:\?/);
    for (const node of [n1, worker]) {
      expect(node?.environment?.REDIS_URL).toMatch(/^redis:\/\/:\$\{REDIS_PASSWORD:\?/);
      expect(node?.environment?.MONGODB_URL).toMatch(/^mongodb:\/\/parley:\$\{MONGODB_PASSWORD:\?/);
    }
  });

  test('has no secret in it, and none among the arguments of a program', () => {
    for (const [, { environment = {}, command = [], entrypoint = [] }] of containers) {
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|SECRET|KEY|AUTH/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/);
      expect(command.join(' ')).not.toMatch(/\$/);
      // Two dollars: the shell inside reads it, and hands it to a program by a file or a pipe.
      expect(entrypoint.join(' ').replaceAll('$$', '')).not.toContain('$');
    }
  });

  test('leaves the file with the secrets out of the repository and of images', () => {
    expect(read('.gitignore').split('\n')).toContain('.env');
    expect(read('.dockerignore').split('\n')).toContain('.env');
  });
});

describe('the Dockerfile', () => {
  const last = dockerfile.split(/^FROM /m).at(-1)!;

  test('runs its program as a user who is not root and owns nothing of it', () => {
    const users = [...last.matchAll(/^USER (.+)$/gm)].map(([, user]) => user!.trim());
    expect(users.at(-1)).toBe('node');
    expect(last.lastIndexOf('USER ')).toBeLessThan(last.indexOf('CMD ["node"'));
    for (const [line] of last.matchAll(/^COPY .+$/gm)) expect(line).toContain('--chown=root:root');
  });

  test('holds no secret', () => {
    expect(dockerfile).not.toMatch(/SECRET|PASSWORD|TOKEN/);
  });
});
