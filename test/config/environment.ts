import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ConfigError, loadConfig } from '../../src/config/config.ts';

export type Environment = Record<string, string>;

export const secret = 'q7Zr-Xw2nB8kVd1LhTf5Jc9YpGs3Mu6E';
export const otherSecret = 'u4Wd_Ke8sRz2mVb6QxTn0Hy5LgCj9PfA';
export const production = { NODE_ENV: 'production', JWT_SECRET_KEY: secret };

export function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export const ecKey = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

/** The problems of an environment, a sentence each; none when it is accepted. */
export function problemsOf(environment: Environment): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
