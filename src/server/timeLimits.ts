/** How long the server waits, in milliseconds. */
export interface TimeLimits {
  /** From the connection, or the answer before, to the end of the headers. */
  readonly headers: number;
  /** From the first byte to the end of the body. */
  readonly request: number;
  /** Between two looks at what has exceeded the two above. */
  readonly check: number;
  /** From the end of the headers to the answer. */
  readonly answer: number;
  /** Without a byte in either direction, from a client that does not read its answer, say. */
  readonly silence: number;
  /** From the question whether the server is ready to the answer that it is not. */
  readonly readiness: number;
}

/** Slow clients are gone after 20 seconds, a request is answered within 10, and a question about health within 2. */
export const defaultTimeLimits: TimeLimits = {
  headers: 10_000,
  request: 15_000,
  check: 3_000,
  answer: 9_000,
  silence: 20_000,
  readiness: 1_500,
};
