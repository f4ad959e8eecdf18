import type { Authentication } from '../authentication.ts';
import type { Gate } from '../gate/createGate.ts';

/** Finds out once for each request who sent it, whatever number of operations it has. */
export function onceForEach<User>(gate: Gate<User>) {
  const known = new WeakMap<object, Promise<Authentication<User>>>();
  return (request: object, lines: readonly string[]): Promise<Authentication<User>> => {
    const authentication = known.get(request) ?? gate.authenticate(lines);
    known.set(request, authentication);
    return authentication;
  };
}
