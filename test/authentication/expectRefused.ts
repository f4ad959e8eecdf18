import { expect } from 'vitest';
import { failure, type TestApp } from '../support/app.ts';

/** Expects that a guarded and an optional field refuse the token, and that the public field beside them answers. */
export async function expectRefused({ ask, clock }: TestApp, token: string, refusal: object) {
  for (const field of ['me', 'viewer']) {
    const answer = await ask(`{ serverTime ${field} { id } }`, { token });
    expect(failure(answer)).toEqual(refusal);
    expect(answer.errors).toHaveLength(1);
    expect(answer.data).toEqual({ serverTime: clock.now.toISOString(), [field]: null });
  }
}
