import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { randomToken } from './ids.js';

/**
 * What an installation decides. Built from `config/default.json`, over it `config/<NODE_ENV>.json`, over that the
 * environment variables of the table below. Unknown keys are refused with their path, so that a misspelt one never
 * silently means nothing. The only place that reads `process.env`.
 */

const origin = z.url({ protocol: /^https?$/ }).refine((url) => URL.canParse(url) && new URL(url).origin === url, {
  message: 'must be an origin such as https://chat.example.org, without a path',
});

/** An address, or a Unix socket's path: `/run/redis.sock`, also written `unix:///run/redis.sock`. */
const redisAddress = z
  .string()
  .transform((url) => (url.startsWith('unix:///') ? url.slice('unix://'.length) : url))
  .refine((url) => /^\/[^/]/.test(url) || z.url({ protocol: /^rediss?$/ }).safeParse(url).success, {
    message: "must be redis://…, rediss://… or a Unix socket's path",
  });

/** HS256 is only as strong as its key: 256 bits. */
const secretBytes = 32;

const schema = z
  .strictObject({
    environment: z.enum(['development', 'production', 'test']),
    /** `id` null: made from the host's name and chance at the start. */
    node: z.strictObject({ id: z.string().min(1).max(64).nullable(), role: z.enum(['all', 'gateway', 'worker']) }),
    http: z.strictObject({
      host: z.string().min(1),
      port: z.int().min(0).max(65535),
      /** As browsers reach this installation; null: as the request says. */
      publicUrl: origin.nullable(),
      /** Other origins whose pages may call the API and open sockets, exactly as a browser sends them. */
      corsOrigins: z.array(origin),
      /** Proxies before us: how many hops, or their addresses. 0: X-Forwarded-For counts for nothing. */
      trustProxy: z.union([z.int().min(0).max(10), z.array(z.string().min(1)).min(1)]),
      /** The header in which those proxies name the caller; null: X-Forwarded-For, and Forwarded where there is none. */
      forwardedHeader: z.enum(['x-forwarded-for', 'forwarded']).nullable(),
      /** Further names by which this installation is called, beside that of `publicUrl`, its own addresses and `localhost`. */
      allowedHosts: z.array(z.string().regex(/^[A-Za-z0-9._:-]{1,255}$/, 'must be host names or addresses, without a port')),
      /** Whoever sends it may read /metrics. Null: nobody may. */
      metricsToken: z
        .string()
        .regex(/^[A-Za-z0-9._~+/=-]{16,512}$/, 'must have 16 to 512 characters of base64 or the like')
        .nullable(),
      /** Folder of the built web page, from the working directory. */
      webRoot: z.string().min(1),
    }),
    redis: z.strictObject({ url: redisAddress, keyPrefix: z.string().min(1).max(64) }),
    mongodb: z.strictObject({
      url: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://'),
      database: z.string().regex(/^[A-Za-z0-9_-]{1,60}$/),
    }),
    auth: z.strictObject({
      /** Signs access tokens. Null only outside production: one is made, and every restart signs everybody out of their access tokens. */
      secret: z.string().nullable(),
      /** Still accepted, no longer signing: the secret before the last change. */
      previousSecret: z.string().nullable(),
      accessSeconds: z.int().min(30).max(86_400),
      /** A session that is not refreshed for so long is over … */
      refreshDays: z.int().min(1).max(365),
      /** … and so long after it was opened whatever is refreshed. */
      sessionDays: z.int().min(1).max(3_650),
      /** Whether strangers may make accounts, or only administrators. */
      signUp: z.enum(['open', 'closed']),
      /** So long a member may open an account again that they have closed. */
      reopenDays: z.int().min(0).max(365),
      /** Member ids (not names: a name can be given up and taken) of the installation's administrators. */
      admins: z.array(z.string().regex(/^[0-9a-f]{24}$/, 'must be a member id')),
    }),
    limits: z.strictObject({ enabled: z.boolean() }),
    /** Off: nothing is written below Socket.IO, and its own heartbeat pings. Slower, and without a library's private names. */
    sockets: z.strictObject({ directWrites: z.boolean() }),
    log: z.strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) }),
    cluster: z.strictObject({
      /** How long a node may own slots without renewing, ms. */
      leaseMs: z.int().min(500).max(120_000),
      /** How long a stopping node waits for its work to end, ms. */
      drainMs: z.int().min(0).max(120_000),
    }),
  })
  .superRefine((config, context) => {
    const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    const { secret, previousSecret } = config.auth;
    const short = (key: string): boolean => Buffer.byteLength(key) < secretBytes;
    if (secret !== null && short(secret)) complain(['auth', 'secret'], `must have ${secretBytes} bytes or more (JWT_SECRET)`);
    if (previousSecret !== null && short(previousSecret)) complain(['auth', 'previousSecret'], `must have ${secretBytes} bytes or more`);
    if (config.environment !== 'production') return;
    if (secret === null) complain(['auth', 'secret'], `is needed in production: set JWT_SECRET to ${secretBytes} random bytes or more`);
    if (!config.limits.enabled) complain(['limits', 'enabled'], 'must not be off in production (RATE_LIMITS)');
  });

type Loaded = z.output<typeof schema>;
/** After loading a secret is always there. */
export type Config = Omit<Loaded, 'auth'> & { auth: Omit<Loaded['auth'], 'secret'> & { secret: string } };

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Tree = { [key: string]: Json };

const asText = (value: string): Json => value;
const asNumber = (value: string): Json => (/^-?\d+$/.test(value.trim()) ? Number(value) : value);
const asSwitch = (value: string): Json => (value === 'on' ? true : value === 'off' ? false : value);
const asList = (value: string): Json =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Environment variables and what they set. */
export const environmentTable: Record<string, { path: string; read: (value: string) => Json }> = {
  NODE_ENV: { path: 'environment', read: asText },
  NODE_ID: { path: 'node.id', read: asText },
  ROLE: { path: 'node.role', read: asText },
  HOST: { path: 'http.host', read: asText },
  PORT: { path: 'http.port', read: asNumber },
  PUBLIC_URL: { path: 'http.publicUrl', read: asText },
  CORS_ORIGINS: { path: 'http.corsOrigins', read: asList },
  TRUST_PROXY: { path: 'http.trustProxy', read: (value) => (/^\d+$/.test(value) ? Number(value) : asList(value)) },
  FORWARDED_HEADER: { path: 'http.forwardedHeader', read: (value) => value.toLowerCase() },
  ALLOWED_HOSTS: { path: 'http.allowedHosts', read: asList },
  METRICS_TOKEN: { path: 'http.metricsToken', read: asText },
  WEB_ROOT: { path: 'http.webRoot', read: asText },
  REDIS_URL: { path: 'redis.url', read: asText },
  KEY_PREFIX: { path: 'redis.keyPrefix', read: asText },
  MONGODB_URL: { path: 'mongodb.url', read: asText },
  MONGODB_DATABASE: { path: 'mongodb.database', read: asText },
  JWT_SECRET: { path: 'auth.secret', read: asText },
  JWT_SECRET_PREVIOUS: { path: 'auth.previousSecret', read: asText },
  ACCESS_TOKEN_SECONDS: { path: 'auth.accessSeconds', read: asNumber },
  REFRESH_DAYS: { path: 'auth.refreshDays', read: asNumber },
  SESSION_DAYS: { path: 'auth.sessionDays', read: asNumber },
  SIGN_UP: { path: 'auth.signUp', read: asText },
  REOPEN_DAYS: { path: 'auth.reopenDays', read: asNumber },
  ADMINS: { path: 'auth.admins', read: asList },
  RATE_LIMITS: { path: 'limits.enabled', read: asSwitch },
  DIRECT_WRITES: { path: 'sockets.directWrites', read: asSwitch },
  LOG_LEVEL: { path: 'log.level', read: asText },
  LEASE_MS: { path: 'cluster.leaseMs', read: asNumber },
  DRAIN_MS: { path: 'cluster.drainMs', read: asNumber },
};

/** What is wrong with the configuration, a line a place; never a value. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const isTree = (value: Json | undefined): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Later trees win; lists are replaced, not joined. */
const merged = (under: Tree, over: Tree): Tree => {
  const all: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = all[key];
    all[key] = isTree(before) && isTree(value) ? merged(before, value) : value;
  }
  return all;
};

const fromFile = (file: string): Tree => {
  if (!existsSync(file)) return {};
  let json: Json;
  try {
    json = JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch {
    throw new ConfigError([`${path.basename(file)}: is not JSON`]);
  }
  if (!isTree(json)) throw new ConfigError([`${path.basename(file)}: must be an object`]);
  return json;
};

const fromEnvironment = (env: NodeJS.ProcessEnv): Tree => {
  let tree: Tree = {};
  for (const [name, { path: at, read }] of Object.entries(environmentTable)) {
    const value = env[name];
    if (value === undefined || value === '') continue;
    const nested = at.split('.').reduceRight<Json>((inner, key) => ({ [key]: inner }), read(value));
    if (isTree(nested)) tree = merged(tree, nested);
  }
  return tree;
};

/** The nearest `config/` above this file: the same for the sources and for the built program. */
const ownFolder = (): string => {
  let at = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(at, 'config', 'default.json'))) {
    const up = path.dirname(at);
    if (up === at) throw new ConfigError(['config/default.json: is missing']);
    at = up;
  }
  return path.join(at, 'config');
};

const variableOf = new Map(Object.entries(environmentTable).map(([name, { path: at }]) => [at, name]));

/**
 * The configuration of this process. `warn` hears of what works but should not be kept so. Throws ConfigError: the
 * process must not start.
 */
export const loadConfig = (
  options: { env?: NodeJS.ProcessEnv; folder?: string; warn?: (line: string) => void; overrides?: { [key: string]: unknown } } = {},
): Config => {
  const env = options.env ?? process.env;
  const folder = options.folder ?? ownFolder();
  const over = merged(fromEnvironment(env), (options.overrides ?? {}) as Tree);
  const environment = typeof over.environment === 'string' ? over.environment : 'development';
  const file = /^[a-z]+$/.test(environment) ? fromFile(path.join(folder, `${environment}.json`)) : {};
  const tree = merged(merged(merged(fromFile(path.join(folder, 'default.json')), { environment }), file), over);
  const result = schema.safeParse(tree);
  if (!result.success) {
    throw new ConfigError(
      result.error.issues.flatMap((issue) => {
        const at = issue.path.map(String).join('.');
        if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at ? `${at}.` : ''}${key}: is not known`);
        const variable = variableOf.get(at);
        return [`${at}${variable && env[variable] ? ` (${variable})` : ''}: ${issue.message}`];
      }),
    );
  }
  const config = result.data;
  if (config.auth.secret === null) {
    options.warn?.('No JWT_SECRET: a random one is used, so a restart or a second node will not accept the tokens of this one');
  }
  const { publicUrl, allowedHosts } = config.http;
  if (config.environment === 'production' && publicUrl === null && allowedHosts.length === 0) {
    options.warn?.('No PUBLIC_URL and no ALLOWED_HOSTS: this node answers to localhost and its own addresses alone');
  }
  return { ...config, auth: { ...config.auth, secret: config.auth.secret ?? randomToken(secretBytes) } };
};

/** Options may hold secrets too, so they go as a whole. */
const withoutCredentials = (url: string): string => url.replace(/\/\/[^@/]*@/, '//[redacted]@').replace(/\?.*$/s, '?[redacted]');

/** The same without secrets, for logs. */
export const redacted = (config: Config): Config => ({
  ...config,
  http: { ...config.http, metricsToken: config.http.metricsToken === null ? null : '[redacted]' },
  redis: { ...config.redis, url: withoutCredentials(config.redis.url) },
  mongodb: { ...config.mongodb, url: withoutCredentials(config.mongodb.url) },
  auth: {
    ...config.auth,
    secret: '[redacted]',
    previousSecret: config.auth.previousSecret === null ? null : '[redacted]',
  },
});
