export {
  type Anonymous,
  type Authenticated,
  type Authentication,
  anonymous,
} from './authentication.ts';
export { callers } from './callers.ts';
export { AuthError, type AuthErrorReason } from './errors.ts';
export { accessOf, guardSchema } from './guardSchema.ts';
export { authGuards, type Guard, type Guards } from './guards.ts';
export { type CoordinateAccess, mapAccess, type Reach } from './map/accessMap.ts';
export { type Explanation, explainOperation, type FieldExplanation } from './map/explain.ts';
export { describeAccess, judgeOperation } from './operationAccess.ts';
export { printRequirement, type Requirement } from './requirements.ts';
