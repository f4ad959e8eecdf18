export {
  type Anonymous,
  type Authenticated,
  type Authentication,
  anonymous,
} from './authentication.ts';
export { callers } from './callers.ts';
export { AuthError, type AuthErrorReason } from './errors.ts';
export { type Guard, type Guards, toKind } from './guardKinds.ts';
export { accessOf, guardSchema } from './guardSchema.ts';
export { authGuards } from './guards.ts';
export { type CoordinateAccess, mapAccess, type Reach } from './map/accessMap.ts';
export {
  decidedByCaller,
  type Explanation,
  explainOperation,
  type FieldExplanation,
} from './map/explain.ts';
export { exempts } from './map/strength.ts';
export { describeAccess, judgeOperation } from './operationAccess.ts';
export { printRequirement, type Requirement } from './requirements.ts';
