// What Artillery's scenarios need beside their steps. Plain JavaScript: Artillery loads it itself.
const { randomBytes } = require('node:crypto');
const { readFileSync } = require('node:fs');

// Written by scripts/load.ts: communities, and threads of each, in which every visitor is a member.
const places = JSON.parse(readFileSync(process.env.PARLEY_LOAD_PLACES, 'utf8'));
const oneOf = (items) => items[Math.floor(Math.random() * items.length)];
const words = 'tea stone river lemma proof cloud paper green quiet north walnut seven'.split(' ');

/** Where this visitor goes. */
const choosePlace = (context, _events, done) => {
  const community = oneOf(places);
  context.vars.community_id = community.id;
  context.vars.thread_id = oneOf(community.threads);
  context.vars.word = oneOf(words);
  done();
};

/** What it says next; each send has a nonce of its own. */
const nextMessage = (context, _events, done) => {
  context.vars.nonce = `load-${randomBytes(12).toString('hex')}`;
  context.vars.content = `load test: ${oneOf(words)} ${oneOf(words)} ${oneOf(words)}`;
  done();
};

module.exports = { choosePlace, nextMessage };
