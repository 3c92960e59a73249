// The import table of docs/architecture.md: each room names what it may not reach. Imports go downwards only.
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|scripts|web|tests|bench|proof)/', pathNot: [from, ...allowed] },
});
const packageOnlyIn = (pkg, rooms) => ({
  name: `${pkg.replace(/[^a-z0-9]/gi, '-')}-stays-home`,
  severity: 'error',
  from: { path: '^src/', pathNot: rooms },
  to: { path: `node_modules/${pkg}/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { path: '^(src|scripts|proof|bench)/' }, to: { circular: true } },
    only('kernel', '^src/kernel/', [], 'the kernel knows nothing of ours'),
    only('text', '^src/text/', [], 'nodes and the page share it'),
    only('protocol', '^src/protocol/', ['^src/kernel/errors\\.ts$', '^src/text/']),
    only('store', '^src/store/', ['^src/kernel/', '^src/protocol/', '^src/text/']),
    only('runtime', '^src/actors/runtime/', ['^src/kernel/']),
    only('cluster', '^src/actors/cluster/', ['^src/actors/runtime/', '^src/kernel/']),
    only('domain', '^src/actors/domain/', [
      '^src/actors/runtime/',
      '^src/kernel/',
      '^src/protocol/',
      '^src/text/',
      '^src/store/(contracts|resources|unread)\\.ts$',
    ]),
    only('gateway', '^src/gateway/', [
      '^src/kernel/',
      '^src/protocol/',
      '^src/text/',
      '^src/actors/runtime/',
      '^src/actors/domain/([a-z]+/messages|ports|concern|community/(policy|account-changes))\\.ts$',
      '^src/store/(contracts|resources|unread)\\.ts$',
    ]),
    only('workers', '^src/workers/', [
      '^src/kernel/',
      '^src/protocol/',
      '^src/store/(contracts|resources)\\.ts$',
      '^src/actors/runtime/',
      '^src/actors/domain/([a-z]+/messages|ports|concern|community/(policy|account-changes))\\.ts$',
    ]),
    only('client', '^src/client/', ['^src/protocol/', '^src/kernel/errors\\.ts$']),
    only('web', '^web/', ['^src/client/', '^src/protocol/', '^src/text/']),
    {
      name: 'nothing-imports-roles',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/roles/', '^src/main\\.ts$'] },
      to: { path: '^src/roles/' },
    },
    { name: 'product-without-scripts', severity: 'error', from: { path: '^src/' }, to: { path: '^(scripts|tests|bench|proof)/' } },
    {
      name: 'protocol-client-and-text-run-in-browsers',
      severity: 'error',
      from: { path: '^src/(protocol|client|text)/' },
      to: { dependencyTypes: ['core'] },
    },
    packageOnlyIn('mongodb', ['^src/store/mongo/']),
    packageOnlyIn('ioredis', ['^src/actors/cluster/redis/', '^src/roles/', '^src/gateway/redis/', '^src/workers/redis/']),
    packageOnlyIn('bullmq', ['^src/workers/']),
    packageOnlyIn('express', ['^src/gateway/rest/']),
    packageOnlyIn('socket.io', ['^src/gateway/socket/']),
    packageOnlyIn('markdown-it', ['^src/text/']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
