/** One change of the engine that would open something, or say something that is not so. */
export interface Mutant {
  /** Below packages/guards/src. */
  readonly file: string;
  /** What stands there once. */
  readonly from: string;
  readonly to: string;
}

/** Changes that tests missed once, and their like. */
export const mutants: readonly Mutant[] = [
  m(
    'guardSchema.ts',
    'typeName === schema.getSubscriptionType()?.name',
    "typeName === 'Subscription'",
  ),
  m('guardSchema.ts', 'stayGuarded(served, defaults);', ''),
  m('guardSchema.ts', 'keepAdditions(schema, served);', ''),
  m('guardSchema.ts', 'field.resolve ?? fieldResolver', 'field.resolve ?? defaultFieldResolver'),
  m('guardResolver.ts', 'requirements.every((one)', 'requirements.some((one)'),
  m(
    'guardResolver.ts',
    'if (!authentication) throw unasked(info);',
    'if (!authentication) return resolver(source, args, context, info);',
  ),
  m(
    'guardResolver.ts',
    'if (refusal !== null) throw refusalAt(refusal, info);',
    'if (refusal === undefined) throw refusalAt(refusal, info);',
  ),
  m('guardResolver.ts', 'keepPrivate(info);', ''),
  m('stayGuarded.ts', 'if (type === subscriptionType) {', 'if (type === null) {'),
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
  m('requirements.ts', 'if (refusal !== null) return refusal;', 'if (refusal) return refusal;'),
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
  m('guards.ts', 'Promise.resolve(given).catch(() => {});', ''),
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
  m('map/requirementOrder.ts', 'index < otherIndex', 'index > otherIndex'),
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
  m('authenticate.ts', 'claims.exp + tokens.leewaySeconds', 'claims.exp'),
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

function m(file: string, from: string, to: string): Mutant {
  return { file, from, to };
}
