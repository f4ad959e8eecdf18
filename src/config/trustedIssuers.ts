import { findIssuerProblem, findUrlProblem } from '@sallyport/guards';
import { z } from 'zod';

/** Another issuer, whose access tokens are taken. */
export interface TrustedIssuerSettings {
  /** As its tokens have it in `iss`. */
  readonly issuer: string;
  /** How its tokens name this server in `aud`. */
  readonly audience: string;
  /** Null where its discovery document says where its keys are. */
  readonly jwksUrl: string | null;
}

/** Every variable by itself. */
export const issuerVariables = {
  TRUSTED_ISSUERS: z
    .string()
    .min(1, 'is set but empty')
    .transform((value, context): TrustedIssuerSettings[] => {
      const entries = value.split(',').map((entry) => entry.trim().split(/\s+/));
      const problems = entries.map(findEntryProblem);
      const at = problems.findIndex((problem) => problem !== null);
      if (at >= 0) {
        const message = `is wrong in entry ${at + 1}: ${problems[at]}`;
        context.addIssue({ code: 'custom', message });
      }
      const issuers = entries.map(([issuer = '']) => issuer);
      if (new Set(issuers).size < issuers.length) {
        context.addIssue({ code: 'custom', message: 'has an issuer twice' });
      }
      return entries.map(([issuer = '', audience = '', jwksUrl = null]) => ({
        issuer,
        audience,
        jwksUrl,
      }));
    })
    .default([]),
};

function findEntryProblem(words: readonly string[]): string | null {
  const [issuer = '', audience, jwksUrl] = words;
  const problem = findIssuerProblem(issuer);
  if (problem !== null) return `the issuer ${problem}`;
  if (audience === undefined) return 'behind the issuer must be the audience of its tokens';
  if (words.length > 3) return 'there may be an issuer, an audience and the URL of keys';
  const keyProblem = jwksUrl === undefined ? null : findUrlProblem(jwksUrl);
  return keyProblem === null ? null : `the URL of its keys ${keyProblem}`;
}

/** What only several variables together can be wrong about, a sentence each. */
export function issuerProblems(env: {
  readonly TRUSTED_ISSUERS: readonly TrustedIssuerSettings[];
  readonly JWT_ISSUER: string;
}): string[] {
  // Its tokens would be ours by name.
  return env.TRUSTED_ISSUERS.some(({ issuer }) => issuer === env.JWT_ISSUER)
    ? ['TRUSTED_ISSUERS has the issuer of this server itself, JWT_ISSUER.']
    : [];
}
