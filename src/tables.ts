// The tables of the package that those of one's own may refer to, and the rows that resolvers are given.
export { type ApiTokenRow, apiTokens } from './apiToken/table.ts';
export { type AuditEventRow, auditEvents } from './audit/table.ts';
export { type SessionRow, sessions } from './session/table.ts';
export { type UserRow, users } from './user/table.ts';
