/** Who asks, as the door established it. Operations take this and parsed input, and know nothing of HTTP or sockets. */
export interface Caller {
  member_id: string;
  session_id: string;
  is_admin: boolean;
  /** Network address, for limits and session lists. */
  address: string;
  request_id: string;
  /** Until when the access token counts, ms; a door that stays open closes then. */
  token_expires_at: number;
}
