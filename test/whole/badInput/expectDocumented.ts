import { expect } from 'vitest';
import type { Answer, TestApp } from '../../support/app.ts';

/** Every code that a client may see for what it sent. */
const documentedCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'BAD_USER_INPUT',
  'CONFLICT',
  'NOT_FOUND',
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
];

/** Never repeated in an answer or a log line when it is sent where a password belongs. */
export const marker = 'hunter2-marker';

/** Sends a body to /graphql as it is, and expects that it is answered or refused properly. */
export async function sendBody(app: TestApp, body: unknown, token?: string): Promise<Answer> {
  app.logLines.length = 0;
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { data = null, errors = [] } = response.json();
  const answer: Answer = { status: response.statusCode, headers: response.headers, data, errors };
  expectDocumented(answer);
  expect(app.logLines.filter((line) => JSON.parse(line).level >= 40)).toEqual([]);
  return answer;
}

/** Expects an answer that only ever says what clients are meant to know. */
export function expectDocumented({ status, errors }: Answer): void {
  expect(status === 200 || (status >= 400 && status < 500), `status ${status}`).toBe(true);
  for (const { message, extensions, ...rest } of errors) {
    expect(documentedCodes).toContain(extensions?.['code']);
    expect(Object.keys(rest).filter((key) => key !== 'locations' && key !== 'path')).toEqual([]);
    expect(Object.keys(extensions ?? {})).not.toContain('stacktrace');
    expect(message).not.toMatch(/call stack|node_modules|\.[jt]s:\d|select |insert |update /i);
  }
}

/** Expects that neither an answer nor what was logged meanwhile holds the marker. */
export function expectNoMarker(app: TestApp, answer: Answer): void {
  expect(JSON.stringify([answer.data, answer.errors])).not.toContain('hunter2');
  expect(app.logLines.join('')).not.toContain('hunter2');
}
