/** Who asks, as the door established it. Operations take this and parsed input, and know nothing of HTTP or sockets. */
export interface Caller {
  member_id: string;
  session_id: string;
  is_admin: boolean;
  /** Network address, for limits and session lists. */
  address: string;
  request_id: string;
}
