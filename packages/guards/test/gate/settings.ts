import { createGate, type GateSettings } from '../../src/index.ts';

export const secret = 'at least 32 bytes, from the environment';
export const loadUser: GateSettings<{ id: string }>['loadUser'] = async ({ sub, sid }) =>
  sid === 'ended' ? { reason: 'TOKEN_REVOKED' } : { user: { id: sub }, isAdmin: false };
export const typeDefs = 'type Query { time: String @public me: String @auth }';
/** Settings that are enough for a gate. */
export const needed = { typeDefs, secret, loadUser };

/** A call of `createGate` that is yet to be made. */
export const create = (settings: object) => () =>
  createGate(settings as GateSettings<{ id: string }>);
