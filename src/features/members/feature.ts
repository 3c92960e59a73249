import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { getMember, getMemberByUsername, listMembers } from './contract.js';
import { Members } from './members.js';

/**
 * People, as others see them; and oneself with what only oneself sees. It reads the store and changes nothing, so a crash leaves nothing.
 */
export const members = defineFeature({
  name: 'members',
  needs: [],
  operations: [
    bind(listMembers, (_caller, input, { ports }) => ports.one(Members).list(input)),
    bind(getMemberByUsername, (caller, { username }, { ports }) => ports.one(Members).byUsername(caller, username)),
    bind(getMember, (caller, { member_id }, { ports }) => ports.one(Members).get(caller, member_id)),
  ],
});
