/** Where a request comes from, signed in or not. */
export interface Origin {
  /** Network address, as far as it can be trusted. */
  address: string;
  request_id: string;
  /** What the device calls itself; shown in session lists, never trusted. */
  user_agent: string | null;
}
