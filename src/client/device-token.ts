import type { StoragePort } from './token-store.js';

/** Keeps the device token of the last sign-in here, also over signing out. It opens nothing. */
export interface DeviceTokenStore {
  read(): string | undefined;
  write(token: string): void;
}

export const memoryDeviceToken = (): DeviceTokenStore => {
  let kept: string | undefined;
  return {
    read: () => kept,
    write: (token) => {
      kept = token;
    },
  };
};

/** In the browser's storage, over its restarts. */
export const webDeviceToken = (storage: StoragePort, key = 'parley.device'): DeviceTokenStore => ({
  read: () => storage.getItem(key) ?? undefined,
  write: (token) => storage.setItem(key, token),
});
