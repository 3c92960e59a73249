import type { Auth } from '../catalogue/auth.js';
import { AccessTokens } from '../gateway/auth/access-tokens.js';
import { TokenAuthenticator } from '../gateway/auth/authenticator.js';
import { DeviceTokens } from '../gateway/auth/device-tokens.js';
import { SessionLiveness } from '../gateway/auth/liveness.js';
import { PasswordCheck } from '../gateway/auth/password-check.js';
import { Passwords } from '../gateway/auth/passwords.js';
import { Sessions } from '../gateway/auth/sessions.js';
import type { SessionBroadcast } from '../gateway/ports.js';
import type { Config } from '../kernel/config.js';
import type { Lifecycle } from '../kernel/lifecycle.js';
import type { Arrivals, People } from './ports.js';

export interface PeopleAuthOptions {
  config: Pick<Config, 'auth'>;
  /** Tells the sockets of all nodes that sessions have ended; the hub's when absent. */
  broadcast?: SessionBroadcast;
}

/** Who people are: passwords, tokens, sessions. */
export const peopleAuth =
  ({ config, ...given }: PeopleAuthOptions) =>
  (parts: Lifecycle, { store, clock, limiter, guesses, hub }: Arrivals): People => {
    const broadcast = given.broadcast ?? hub?.sessions;
    if (!broadcast) throw new Error('without live events nobody hears of ended sessions');
    const { secret, previousSecret, accessSeconds, refreshDays, sessionDays, admins } = config.auth;
    const passwords = parts.use(new Passwords());
    const access = new AccessTokens({ secret, previousSecret, seconds: accessSeconds, clock });
    const liveness = new SessionLiveness({ store, broadcast, clock, tokenSeconds: accessSeconds });
    const sessions = new Sessions({ store, access, broadcast, clock, secret, refreshDays, sessionDays });
    const devices = new DeviceTokens(secret, clock);
    const check = new PasswordCheck({ store, passwords, guesses, limiter, devices, clock });
    const auth: Auth = { rules: config.auth, passwords, check, sessions, devices };
    return { auth, authenticator: new TokenAuthenticator(access, liveness, admins) };
  };
