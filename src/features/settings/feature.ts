import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { askOwn } from '../../catalogue/own-actor.js';
import { settingsSlice } from './commands.js';
import { listSettings, putSetting, type Setting, settingItem } from './contract.js';

/**
 * Settings of a member that all of their devices share, under keys that clients choose: any JSON, bounded in number and
 * size. Parley itself reads none of them.
 *
 * Promises: a setting that was answered is in the ledger `me`, and every device learns of it, at once or when it is
 * back. Of two devices that set one at once, the later one counts on both. A crash leaves a setting as it was or as it
 * was to be.
 */
export const settings = defineFeature({
  name: 'settings',
  needs: [],
  operations: [
    bind(listSettings, async (caller, _input, { ports }) => ({ items: await askOwn<Setting[]>(ports, caller, 'settings', 'list', {}) })),
    bind(putSetting, async (caller, { key, value, if_rev }, { ports }) => {
      await askOwn(ports, caller, 'settings', 'put', { key, value }, if_rev);
      return { key, value };
    }),
  ],
  member: settingsSlice,
  items: [settingItem],
});
