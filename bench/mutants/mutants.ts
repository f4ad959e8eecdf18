import { ofServers } from './serverMutants.ts';

/** One change of the engine that would open something, or say something that is not so. */
export interface Mutant {
  /** Below packages/guards/src. */
  readonly file: string;
  /** What stands there once. */
  readonly from: string;
  readonly to: string;
}

// Changes that tests missed once, and their like.
const ofTheGate: readonly Mutant[] = [
  m(
    'guardSchema.ts',
    'typeName === schema.getSubscriptionType()?.name',
    "typeName === 'Subscription'",
  ),
  m('guardSchema.ts', 'stayGuarded(served, defaults);', ''),
  m('guardSchema.ts', 'keepAdditions(schema, served);', ''),
  m(
    'guardSchema.ts',
    'around(field.resolve ?? fieldResolver)',
    'around(field.resolve ?? defaultFieldResolver)',
  ),
  m('guardResolver.ts', 'requirements.every((one)', 'requirements.some((one)'),
  m(
    'guardResolver.ts',
    'if (!authentication) throw unasked(info);',
    'if (!authentication) return null;',
  ),
  m('guardResolver.ts', 'if (refusal !== null) return', 'if (refusal === undefined) return'),
  m('guardResolver.ts', "restrict?.({ scope: 'PRIVATE' })", ''),
  m('stayGuarded.ts', 'isGuarded && type === subscriptionType', 'isGuarded && type === null'),
  m(
    'assertGuarded.ts',
    'resolvers.every((resolver) => isGuardedBy(resolver, refusing))',
    'resolvers.every((resolver) => !resolver || isGuardedBy(resolver, refusing))',
  ),
  m('assertGuarded.ts', 'if (isKnown && ', 'if ('),
  m('assertGuarded.ts', 'if (placement.length > 0) return placement;', ''),
  m('guarding.ts', 'isObjectType(type)\n        ?', 'type === null\n        ?'),
  m('atMoment.ts', 'seconds >= expiresAt', 'seconds > expiresAt'),
  m(
    'atMoment.ts',
    'if (known?.passwordAgeSeconds === age) return known;',
    'if (known) return known;',
  ),
  m('fieldChecks.ts', 'if (refusal !== null) return refusal;', 'if (refusal) return refusal;'),
  m('requirements.ts', 'JSON.stringify(value)', 'String(value)'),
  m('requirements.ts', 'value !== null && value !== undefined', 'value !== undefined'),
  m('requirements.ts', '...(requirements.get(', '...(new Map<string, Requirement[]>().get('),
  m('operationAccess.ts', 'throw toRefusal(refusal);', 'return [];'),
  m('operationAccess.ts', 'if (refusal === null) return [];', 'if (!refusal) return [];'),
  m(
    'operationAccess.ts',
    'nodes.toSorted((a, b) => (a.loc?.start ?? 0) - (b.loc?.start ?? 0))',
    'nodes',
  ),
  m('operationAccess.ts', '    return message;\n', '    throw new TypeError(message);\n'),
  m('operationAccess.ts', '  assertGuardedOnce(schema);\n', ''),
  m(
    'guards.ts',
    "typeof args['maxAge'] === 'number' ? args['maxAge'] : freshSeconds",
    "typeof args['maxAge'] === 'number' ? Math.min(args['maxAge'], freshSeconds) : freshSeconds",
  ),
  m('fieldChecks.ts', 'Promise.resolve(given).catch(() => {});', ''),
  m('placement.ts', '...findForgotten(schema, known),', ''),
  m('placement.ts', "guard && guard !== 'public'", 'guard === null'),
  m(
    'map/accessMap.ts',
    'for (const possible of possibleTypes(schema, field.type)) {\n          const',
    'for (const possible of possibleTypes(schema, field.type).slice(0, 1)) {\n          const',
  ),
  m('map/accessMap.ts', '.toSorted((a, b) => a.steps.length - b.steps.length)', ''),
  m('map/accessMap.ts', '!ways.some(({ implied }) => includes(leftOut, implied))', 'false'),
  m('map/accessMapPage.ts', "if (isOpen(reach)) return 'Anyone: not guarded';", ''),
  m('map/accessMapPage.ts', 'if (isOpen(reach)) return -1;', ''),
  m(
    'map/strength.ts',
    "if (weaker.directive === 'optionalAuth') return rejected.every(refuses);",
    "if (weaker.directive === 'optionalAuth') return true;",
  ),
  m('map/strength.ts', 'refuses(anonymous) && rejected.every(refuses)', 'refuses(anonymous)'),
  m('map/strength.ts', "if (weaker.directive === 'public') return true;", ''),
  m('map/requirementOrder.ts', '!isImplied(one, other) ||', 'true ||'),
  m('map/explain.ts', 'const isReached = open && judged', 'const isReached = judged'),
  m('map/explain.ts', 'const deeper = isMutation && inner', 'const deeper = inner'),
  m('map/explain.ts', 'const deeper = isMutation && inner', 'const deeper = !isMutation && inner'),
  m('map/explain.ts', 'refusals.length === errors.length', 'refusals.length > 0'),
  m('map/explain.ts', '? refusals.length > 0', '? refusals.length === errors.length'),
  m('map/losses.ts', 'ways.every(', 'ways.some('),
  m('challenge.ts', "value.replaceAll(/[^ !#-[\\]-~]/g, '')", 'value'),
  m('challenge.ts', 'errors.find(', 'errors.slice(0, 1).find('),
  m('challenge.ts', "typeof extensions['maxAge'] === 'number'", "extensions['maxAge']"),
  m(
    'authenticate.ts',
    'claims.fresh ? claims.auth_time : null',
    'claims.fresh ? claims.iat : null',
  ),
  m('authenticate.ts', 'claims.exp + (tokens?.leewaySeconds ?? 0)', 'claims.exp'),
  m('authenticate.ts', 'expiresAt + issuers.leewaySeconds', 'expiresAt'),
  m(
    'guardResolver.ts',
    'context.authentication !== latest.caller ||\n      admission.turn',
    'admission.turn',
  ),
  m(
    'guardResolver.ts',
    'info.variableValues !== latest.execution ||\n      context.authentication !== latest.caller ||\n      admission',
    'context.authentication !== latest.caller ||\n      admission',
  ),
  m(
    'guardResolver.ts',
    'info.variableValues !== latest.execution ||\n      context.authentication !== latest.caller ||\n      source',
    'context.authentication !== latest.caller ||\n      source',
  ),
  m('guardResolver.ts', 'admission.turn !== latest.turn', 'admission.turn < 0'),
  m('guardResolver.ts', 'context.authentication !== latest.caller ||\n      source', 'source'),
  m('guardResolver.ts', 'source !== latest.object ||', ''),
  m('guardResolver.ts', 'info.path.prev !== latest.place ||', ''),
  m('guardResolver.ts', '||\n      admission !== latest.by', ''),
  m('guardResolver.ts', 'if (argumentCheck === null) admit', 'admit'),
  m(
    'admissions.ts',
    'if (operation.operation !== OperationTypeNode.QUERY || !variableValues) return;',
    '',
  ),
  m('admissions.ts', 'operation.operation !== OperationTypeNode.QUERY ||', ''),
  m('admissions.ts', '|| !variableValues', ''),
  m('admissions.ts', 'variableValues !== latest.execution ||', ''),
  m('admissions.ts', '|| caller !== latest.caller', ''),
  m('admissions.ts', 'latest.turn += 1;', ''),
  m('admissions.ts', 'if (latest.execution === nothing) queueMicrotask(forget);', ''),
  m('refuse.ts', 'if (latest?.context === context) {', 'if (latest) {'),
  m(
    'refuse.ts',
    'if (before?.authentication === authentication) return before.refusal;\n  }',
    'if (before) return before.refusal;\n  }',
  ),
  m('refuse.ts', 'refusals.set(check, { authentication, refusal });', ''),
  m('keys.ts', '{ ...asymmetricKey(pem), signingKey: null }', 'asymmetricKey(pem)'),
  m('proof/proveAccess.ts', 'ran: ran.toSorted(), ', ''),
  m('proof/proveAccess.ts', 'if (guardingOf(schema)) assertGuarded(schema);', ''),
  m('proof/partOfProof.ts', 'position % of === number - 1', 'position % of === 0'),
  m('proof/proofOperations.ts', '...abstractTypes.map(', '...abstractTypes.slice(0, 0).map('),
  m(
    'proof/proofOperations.ts',
    'for (const kind of Object.values(OperationTypeNode)) {',
    'for (const kind of [OperationTypeNode.QUERY, OperationTypeNode.MUTATION]) {',
  ),
  m('proof/proofOperations.ts', "style === styles[1] ? () => 'alias' : undefined", 'undefined'),
];

// Guards that see arguments, objects and scopes.
const ofSight: readonly Mutant[] = [
  m('fieldChecks.ts', 'if (ofArguments !== null) return toRefusal(ofArguments);', ''),
  m('fieldChecks.ts', 'ofObject === null ? null', '!ofObject ? null'),
  m('fieldChecks.ts', 'ofCaller === null ? judgeSeen', '!ofCaller ? judgeSeen'),
  m('guardResolver.ts', '|| guard.objectCheck !== null', ''),
  m('guardResolver.ts', 'argumentCheck !== null || guard', 'guard'),
  m(
    'guardResolver.ts',
    'judgeSeen(guard, caller, args, source)',
    'judgeSeen(guard, caller, args, info.rootValue)',
  ),
  m('argumentCheckpoints.ts', 'variables ?? {}', '{}'),
  m('argumentCheckpoints.ts', 'if (values.errors) return [];', ''),
  m(
    'argumentCheckpoints.ts',
    'if (refusal === null || refusal instanceof Error) return refusal;\n  throw toRefusal(refusal);',
    'return refusal instanceof Error ? refusal : null;',
  ),
  m('argumentCheckpoints.ts', 'if (error instanceof GraphQLError) return error;', 'return null;'),
  m('operationAccess.ts', '(isMutation || isRoot)', 'isMutation'),
  m('operationAccess.ts', '(isMutation || isRoot)', 'isRoot'),
  m('operationAccess.ts', '&& rootNodes.has(node)', ''),
  m('operationAccess.ts', ' && !refusedChecks.has(check)', ''),
  m('operationAccess.ts', 'field?.extensions.trial !== undefined', 'false'),
  m('ownership.ts', 'all.length > 0 && ', ''),
  m('ownership.ts', 'all.every((one)', 'all.some((one)'),
  m('ownership.ts', 'id !== null && id ===', 'id ==='),
  m('ownership.ts', "one !== '' && one === other", 'one === other'),
  m('ownership.ts', 'Number.isSafeInteger(value)', "typeof value === 'number'"),
  m('ownership.ts', "or === 'ADMIN' && isAdmin === true", 'isAdmin === true'),
  m(
    'ownership.ts',
    "args['or'] === 'ADMIN' ? 'ADMIN_REQUIRED' : 'OWNER_REQUIRED'",
    "'OWNER_REQUIRED'",
  ),
  m('scopes.ts', 'all.every((scope) =>', 'all.some((scope) =>'),
  m('scopes.ts', 'alternatives.some((all) =>', 'alternatives.every((all) =>'),
  m(
    'scopes.ts',
    'Array.isArray(scopes) && scopes.includes(scope)',
    'scopes?.includes(scope) === true',
  ),
  m('scopes.ts', 'Array.isArray(all) && all.length > 0', 'Array.isArray(all)'),
  m('authenticate.ts', 'scopes: [], ...loaded', "scopes: 'all', ...loaded"),
  m('placementOfSight.ts', 'return isRoot\n', 'return !isRoot && isRoot\n'),
  m('placementOfSight.ts', 'named === null || argumentNames.includes(named)', 'true'),
  m(
    'map/strength.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source that is looked for.
    'return isOfCaller ? printed : `${printed} of ${requirement.coordinate}`;',
    'return printed;',
  ),
  m(
    'map/strength.ts',
    "if (stronger.directive === 'admin' && exempts(weaker, callers.admin, guards)) return true;",
    '',
  ),
  m('map/losses.ts', 'asked.every(isOfCaller) &&', ''),
  m('map/unforeseen.ts', "kind === 'object'", "kind === 'argument'"),
  m(
    'map/explain.ts',
    'const isOpen = (one: Requirement) => isDecided(one) || exempts(one, caller, guards);',
    'const isOpen = isDecided;',
  ),
  m('guardKinds.ts', '=== true) === isDryRun', '=== true) === isDryRun || !isDryRun'),
  m(
    'placement.ts',
    '...findRootProblems(schema, enforced),',
    '...findRootProblems(schema, guards),',
  ),
  m('tryResolver.ts', 'if (!authentication) return;', ''),
  m('refused.ts', 'if (ofContext.has(key)) return;', ''),
  m('additionalClaims.ts', 'if (reserved.has(name)) {', 'if (false) {'),
  m('additionalClaims.ts', 'if (depth > maximumDepth) return false;', ''),
  m('additionalClaims.ts', 'value.isWellFormed()', 'true'),
  m('tokens.ts', 'if (token.length <= maximumBytesWithClaims) return token;', 'return token;'),
];

/** The changes that are tried. */
export const mutants: readonly Mutant[] = [
  ...ofTheGate,
  ...ofSight,
  ...ofServers.map(([file, from, to]) => m(file, from, to)),
];

function m(file: string, from: string, to: string): Mutant {
  return { file, from, to };
}
